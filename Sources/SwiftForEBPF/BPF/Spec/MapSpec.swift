// SPDX-License-Identifier: Apache-2.0

/// A map as the object defines it. It may be changed before the object is loaded.
public struct MapSpec: Sendable {
    /// Its name in the source.
    public let name: String
    /// The type of map.
    public var type: MapType
    /// The size of a key, in bytes; 0 for a map without keys.
    public let keySize: UInt32
    /// The size of a value, in bytes; 0 for a map without values, such as a ring buffer.
    public let valueSize: UInt32
    /// The capacity in entries; for a ring buffer, its size in bytes, which must be a power of two and a multiple of
    /// the page size.
    public var maxEntries: UInt32
    /// The flags to create it with (`BPF_F_…`).
    public var flags: MapFlags
    /// The NUMA node to allocate its memory on; `nil`: any.
    public var numaNode: UInt32?
    /// `false` leaves the map out. Then no loaded program may refer to it.
    public var isCreated = true
    /// An existing map to use instead of a new one.
    private(set) var existing: SharedDescriptor?

    init(
        name: String, type: MapType, keySize: UInt32, valueSize: UInt32, maxEntries: UInt32, flags: MapFlags,
        numaNode: UInt32?
    ) {
        self.name = name
        self.type = type
        self.keySize = keySize
        self.valueSize = valueSize
        self.maxEntries = maxEntries
        self.flags = flags
        self.numaNode = numaNode
    }

    /// Uses a pinned map instead of creating one.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if the pinned object isn't a map or has another type
    ///   or size.
    public mutating func reuse(pinnedAt path: String) throws(BPFError) {
        try reuse(try Descriptor(pinnedAt: path, as: .map))
    }

    /// Uses an existing map instead of creating one.
    ///
    /// - Throws: `mismatch` if it is of another type or size.
    public mutating func reuse(_ map: borrowing some KernelHandle & ~Copyable) throws(BPFError) {
        try reuse(try Descriptor(duplicating: map.fileDescriptor))
    }

    private mutating func reuse(_ descriptor: consuming Descriptor) throws(BPFError) {
        let info = try MapInfo(descriptor)
        guard info.type == type, info.keySize == keySize, info.valueSize == valueSize else {
            throw BPFError(
                .mismatch, "using an existing map as '\(name)'",
                reason: "it is a \(info.type) with keys and values of \(info.keySize) and \(info.valueSize) bytes, "
                    + "but a \(type) with \(keySize) and \(valueSize) bytes is expected",
                remedy: "remove its pin, or give the path of another map")
        }
        existing = SharedDescriptor(descriptor)
    }
}

/// A descriptor that several values can share. It is closed with the last of them.
final class SharedDescriptor: Sendable {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
