// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A map in the kernel. Each operation is one or more system calls. Any number of threads may use a map at the same
/// time.
public protocol Map: ~Copyable, KernelHandle {}

extension Map where Self: ~Copyable {
    /// `map`.
    public static var kind: HandleKind { .map }

    /// What the kernel reports about it (`BPF_OBJ_GET_INFO_BY_FD`).
    public func info() throws(BPFError) -> MapInfo { try MapInfo(fileDescriptor) }
}

/// What the kernel reports about a map (`struct bpf_map_info`).
public struct MapInfo: Sendable, Equatable {
    /// Its number in the kernel.
    public var id: UInt32
    /// The type of map.
    public var type: MapType
    /// The size of a key, in bytes; 0 for maps without keys.
    public var keySize: UInt32
    /// The size of a value, in bytes; for a per-CPU map, of one CPU's value.
    public var valueSize: UInt32
    /// The capacity in entries; for a ring buffer, its size in bytes.
    public var maxEntries: UInt32
    /// The flags that it was created with (`BPF_F_…`).
    public var flags: MapFlags
    /// Its name in the kernel, at most 15 bytes.
    public var name: String

    /// Asks the kernel about a map (`BPF_OBJ_GET_INFO_BY_FD`).
    ///
    /// - Throws: `invalid` if the descriptor isn't a map's.
    public init(_ map: borrowing Descriptor) throws(BPFError) { try self.init(map.rawValue) }

    init(_ descriptor: Int32) throws(BPFError) {
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        let result = bpf_obj_get_info_by_fd(descriptor, &info, &length)
        try check(result, "BPF_OBJ_GET_INFO_BY_FD", "querying a map")
        id = info.id
        type = MapType(rawValue: info.type)
        keySize = info.key_size
        valueSize = info.value_size
        maxEntries = info.max_entries
        flags = MapFlags(rawValue: info.map_flags)
        name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Whether a map with this number exists. Without CAP_SYS_ADMIN the answer is always `false`.
    public static func exists(_ id: UInt32) -> Bool {
        let descriptor = Descriptor(owning: bpf_map_get_fd_by_id(id))
        return descriptor.rawValue >= 0
    }
}

/// A map of a type that this library has no Swift type for. It can be pinned and queried, but not read or written.
public struct AnyMap: ~Copyable, Map {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) { self.descriptor = descriptor }
}
