// SPDX-License-Identifier: Apache-2.0

/// A map as the object defines it, to be changed before it is loaded.
public struct MapSpec: Sendable {
    /// Its name in the source.
    public let name: String
    /// What it is.
    public var type: MapType
    /// Bytes; 0 for a map without keys.
    public let keySize: UInt32
    /// Bytes; 0 for a map without values, such as a ring buffer.
    public let valueSize: UInt32
    /// How many entries it may hold; of a ring buffer: bytes, a power of two and whole pages.
    public var maxEntries: UInt32
    /// `BPF_F_…`.
    public var flags: MapFlags
    /// The NUMA node to take memory from; `nil`: any.
    public var numaNode: UInt32?
    /// `false` leaves the map out. No program that is loaded may refer to it.
    public var isCreated = true
    /// A map that exists, to be used instead of a new one.
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

    /// Uses a map that is pinned, rather than a new one.
    ///
    /// - Throws: `notFound` if nothing is pinned there, `mismatch` if that is no map, or one of another type or size.
    public mutating func reuse(pinnedAt path: String) throws(BPFError) {
        try reuse(try Descriptor(pinnedAt: path, as: .map))
    }

    /// Uses a map that exists, rather than a new one.
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
                reason: "that is a \(info.type) with keys and values of \(info.keySize) and \(info.valueSize) bytes, "
                    + "a \(type) with \(keySize) and \(valueSize) is expected",
                remedy: "remove its pin, or give the path of another")
        }
        existing = SharedDescriptor(descriptor)
    }
}

/// A descriptor that values can share; closed with the last of them.
final class SharedDescriptor: Sendable {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
