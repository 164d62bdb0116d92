// SPDX-License-Identifier: Apache-2.0

/// A map from keys to a value for each CPU: `BPF_MAP_TYPE_PERCPU_HASH` or `_LRU_PERCPU_HASH`.
///
/// Programs see the value of the CPU that they run on. Values are arrays here, an element for each possible CPU.
public struct PerCPUHashMap<Key: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle
    private let cpus: PerCPUValues

    /// The descriptor's number.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// How many entries it may hold.
    public var maxEntries: Int { handle.maxEntries }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its keys or values have other sizes.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        let handle = try MapHandle(
            descriptor, name: name, types: [.perCPUHash, .lruPerCPUHash], key: .init(Key.self),
            value: .init(Value.self))
        cpus = try PerCPUValues(valueSize: handle.valueSize)
        self.handle = handle
    }

    /// Looks up the values of all CPUs (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if there are none.
    public func values(for key: Key) throws(BPFError) -> [Value]? { try cpus.values(handle, for: key) }

    /// Adds or replaces the values of all CPUs (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Throws: `invalid` unless there is one for each possible CPU.
    public func update(_ values: [Value], for key: Key) throws(BPFError) {
        try cpus.update(handle, values, for: key)
    }

    /// Removes the values of all CPUs (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether there were any.
    @discardableResult
    public func removeValues(for key: Key) throws(BPFError) -> Bool { try handle.delete(key: key) }

    /// All entries at the time of the call. Those that come and go meanwhile may or may not be among them.
    public func entries() throws(BPFError) -> [(key: Key, values: [Value])] {
        var entries: [(key: Key, values: [Value])] = []
        try handle.walk(valueSize: cpus.byteCount) { (key, values) throws(BPFError) in
            entries.append((key.loadUnaligned(as: Key.self), cpus.values(at: values)))
        }
        return entries
    }
}

extension PerCPUHashMap where Value: FixedWidthInteger {
    /// The sum of all CPUs' values, modulo 2 to the number of bits; 0 if there are none.
    public func sum(for key: Key) throws(BPFError) -> Value { (try values(for: key) ?? []).reduce(0, &+) }
}
