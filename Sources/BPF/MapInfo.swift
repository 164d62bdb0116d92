// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// What the kernel says of a map (`struct bpf_map_info`).
public struct MapInfo: Sendable, Equatable {
    /// The kernel's number of it.
    public var id: UInt32
    /// `enum bpf_map_type`.
    public var type: UInt32
    /// Bytes.
    public var keySize: UInt32
    /// Bytes.
    public var valueSize: UInt32
    /// Entries; bytes of a ring buffer.
    public var maxEntries: UInt32

    /// - Throws: `invalid` if the descriptor isn't a map's.
    public init(_ map: borrowing Descriptor) throws(BPFError) {
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        try check(bpf_obj_get_info_by_fd(map.rawValue, &info, &length), "asking about a map")
        id = info.id
        type = info.type
        keySize = info.key_size
        valueSize = info.value_size
        maxEntries = info.max_entries
    }
}

/// What the kernel says of a program (`struct bpf_prog_info`).
public struct ProgramInfo: Sendable, Equatable {
    /// The kernel's number of it.
    public var id: UInt32
    /// Time spent in it, nanoseconds, and how often it ran: counted while `kernel.bpf_stats_enabled` is 1.
    public var runTimeNanoseconds: UInt64
    /// See `runTimeNanoseconds`.
    public var runCount: UInt64

    /// - Throws: `invalid` if the descriptor isn't a program's.
    public init(_ program: borrowing Descriptor) throws(BPFError) {
        var info = bpf_prog_info()
        var length = UInt32(MemoryLayout<bpf_prog_info>.size)
        try check(bpf_obj_get_info_by_fd(program.rawValue, &info, &length), "asking about a program")
        id = info.id
        runTimeNanoseconds = info.run_time_ns
        runCount = info.run_cnt
    }
}

extension ProgramInfo {
    /// Whether a program of this number is loaded.
    public static func exists(_ id: UInt32) -> Bool { isOpen(bpf_prog_get_fd_by_id(id)) }
}

extension MapInfo {
    /// Whether there is a map of this number.
    public static func exists(_ id: UInt32) -> Bool { isOpen(bpf_map_get_fd_by_id(id)) }
}

private func isOpen(_ descriptor: Int32) -> Bool {
    guard descriptor >= 0 else { return false }
    _ = Descriptor(owning: descriptor)
    return true
}
