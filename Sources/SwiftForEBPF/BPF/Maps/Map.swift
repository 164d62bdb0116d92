// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A map of the kernel. Each call is one system call or more; any number of threads may call at once.
public protocol Map: ~Copyable, KernelHandle {}

extension Map where Self: ~Copyable {
    /// `map`.
    public static var kind: HandleKind { .map }

    /// What the kernel says of it.
    public func info() throws(BPFError) -> MapInfo { try MapInfo(fileDescriptor) }
}

/// What the kernel says of a map (`struct bpf_map_info`).
public struct MapInfo: Sendable, Equatable {
    /// The kernel's number of it.
    public var id: UInt32
    /// What it is.
    public var type: MapType
    /// Bytes.
    public var keySize: UInt32
    /// Bytes.
    public var valueSize: UInt32
    /// Entries; bytes of a ring buffer.
    public var maxEntries: UInt32
    /// `BPF_F_…`.
    public var flags: MapFlags
    /// Its name in the kernel, at most 15 bytes.
    public var name: String

    /// - Throws: `invalid` if the descriptor isn't a map's.
    public init(_ map: borrowing Descriptor) throws(BPFError) { try self.init(map.rawValue) }

    init(_ descriptor: Int32) throws(BPFError) {
        var info = bpf_map_info()
        var length = UInt32(MemoryLayout<bpf_map_info>.size)
        let result = bpf_obj_get_info_by_fd(descriptor, &info, &length)
        try check(result, "BPF_OBJ_GET_INFO_BY_FD", "asking about a map")
        id = info.id
        type = MapType(rawValue: info.type)
        keySize = info.key_size
        valueSize = info.value_size
        maxEntries = info.max_entries
        flags = MapFlags(rawValue: info.map_flags)
        name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Whether there is a map of this number.
    public static func exists(_ id: UInt32) -> Bool {
        let descriptor = Descriptor(owning: bpf_map_get_fd_by_id(id))
        return descriptor.rawValue >= 0
    }
}

/// A map of a type that this library has no Swift type for: to be pinned, or handed to another map or program.
public struct AnyMap: ~Copyable, Map {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) { self.descriptor = descriptor }
}
