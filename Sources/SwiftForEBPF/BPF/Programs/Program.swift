// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program in the kernel. The kernel calls it after it is attached.
public protocol Program: ~Copyable, KernelHandle {
    /// Takes ownership of a descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: the descriptor of a program.
    ///   - name: the name in error messages.
    ///   - programKind: the kind that its section names; `nil` if the section isn't known, as for a pinned program.
    /// - Throws: `mismatch` if it is a program of another type.
    init(_ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?) throws(BPFError)
}

extension Program where Self: ~Copyable {
    /// `program`.
    public static var kind: HandleKind { .program }

    /// Takes ownership of the descriptor of a program whose section isn't known.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        try self.init(descriptor, name: name, kind: nil)
    }

    /// What the kernel reports about it (`BPF_OBJ_GET_INFO_BY_FD`).
    public func info() throws(BPFError) -> ProgramInfo { try ProgramInfo(fileDescriptor) }
}

/// The type of a program, `enum bpf_prog_type`.
struct ProgramType: Equatable, CustomStringConvertible {
    var rawValue: UInt32
    private static let names: [UInt32: String] = [
        6: "XDP", 8: "cgroup_skb", 13: "sock_ops", 17: "raw tracepoint", 26: "tracing", 27: "struct_ops",
    ]

    static let xdp = ProgramType(rawValue: 6)
    static let cgroupSKB = ProgramType(rawValue: 8)
    static let sockOps = ProgramType(rawValue: 13)
    static let rawTracepoint = ProgramType(rawValue: 17)
    static let tracing = ProgramType(rawValue: 26)
    static let structOps = ProgramType(rawValue: 27)

    var description: String { ProgramType.names[rawValue].map { "\($0) program" } ?? "program of type \(rawValue)" }

    /// Checks the type of a program.
    ///
    /// - Throws: `mismatch` if it is of another type.
    static func demand(_ wanted: ProgramType, _ descriptor: borrowing Descriptor, _ name: String) throws(BPFError) {
        guard descriptor.rawValue >= 0 else { return }
        let found = ProgramType(rawValue: try ProgramInfo(descriptor).type)
        guard found == wanted else {
            throw BPFError(
                .mismatch, "opening the program '\(name)'", reason: "it is a \(found), but a \(wanted) is expected",
                remedy: "use the Swift type for it")
        }
    }
}

/// What the kernel reports about a program (`struct bpf_prog_info`).
public struct ProgramInfo: Sendable, Equatable {
    /// Its number in the kernel.
    public var id: UInt32
    /// `enum bpf_prog_type`.
    public var type: UInt32
    /// Its name in the kernel, at most 15 bytes.
    public var name: String
    /// The kernel's numbers of the maps that it uses, at most 64.
    public var mapIDs: [UInt32]
    /// The total time that it ran, in nanoseconds (`run_time_ns`). The kernel counts it only while
    /// `kernel.bpf_stats_enabled` is 1.
    public var runTimeNanoseconds: UInt64
    /// How often it ran (`run_cnt`), counted under the same condition.
    public var runCount: UInt64

    /// Asks the kernel about a program (`BPF_OBJ_GET_INFO_BY_FD`).
    ///
    /// - Throws: `invalid` if the descriptor isn't a program's.
    public init(_ program: borrowing Descriptor) throws(BPFError) { try self.init(program.rawValue) }

    init(_ descriptor: Int32) throws(BPFError) {
        var info = bpf_prog_info()
        var length = UInt32(MemoryLayout<bpf_prog_info>.size)
        var maps = [UInt32](repeating: 0, count: 64)
        info.nr_map_ids = UInt32(maps.count)
        let result = maps.withUnsafeMutableBufferPointer { maps in
            info.map_ids = UInt64(UInt(bitPattern: maps.baseAddress))
            return bpf_obj_get_info_by_fd(descriptor, &info, &length)
        }
        try check(result, "BPF_OBJ_GET_INFO_BY_FD", "querying a program")
        id = info.id
        type = info.type
        name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        mapIDs = Array(maps.prefix(Int(info.nr_map_ids)))
        runTimeNanoseconds = info.run_time_ns
        runCount = info.run_cnt
    }

    /// Whether a program with this number is loaded. Without CAP_SYS_ADMIN the answer is always `false`.
    public static func exists(_ id: UInt32) -> Bool {
        let descriptor = Descriptor(owning: bpf_prog_get_fd_by_id(id))
        return descriptor.rawValue >= 0
    }
}

/// A program of a type that this library has no Swift type for. It can be pinned and queried, but not attached.
public struct AnyProgram: ~Copyable, Program {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        self.descriptor = descriptor
    }
}
