// SPDX-License-Identifier: Apache-2.0

/// A map from keys to a value for each CPU: `BPF_MAP_TYPE_PERCPU_HASH` or `_LRU_PERCPU_HASH`.
///
/// A program accesses the value of the CPU that it runs on. In user space the values are an array with one element for
/// each possible CPU.
public struct PerCPUHashMap<Key: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle
    private let cpus: PerCPUValues

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// The capacity, in entries.
    public var maxEntries: Int { handle.maxEntries }

    /// Takes ownership of a descriptor.
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
    /// - Returns: `nil` if the map has no such key.
    public func values(for key: Key) throws(BPFError) -> [Value]? { try cpus.values(handle, for: key) }

    /// Adds or replaces the values of all CPUs (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Parameters:
    ///   - values: one for each possible CPU.
    ///   - key: the key.
    /// - Throws: `invalid` if the number of values is wrong, or (E2BIG) if the map is full.
    public func update(_ values: [Value], for key: Key) throws(BPFError) {
        try cpus.update(handle, values, for: key)
    }

    /// Removes the values of all CPUs (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether the map had the key.
    @discardableResult
    public func removeValues(for key: Key) throws(BPFError) -> Bool { try handle.delete(key: key) }

    /// All entries at the time of the call. Entries that are added or removed during the call may be missing or
    /// included.
    public func entries() throws(BPFError) -> [(key: Key, values: [Value])] {
        var entries: [(key: Key, values: [Value])] = []
        try handle.walk(valueSize: cpus.byteCount) { (key, values) throws(BPFError) in
            entries.append((key.loadUnaligned(as: Key.self), cpus.values(at: values)))
        }
        return entries
    }
}

extension PerCPUHashMap where Value: FixedWidthInteger {
    /// The sum of all CPUs' values; 0 if the map has no such key. It wraps around on overflow.
    public func sum(for key: Key) throws(BPFError) -> Value { (try values(for: key) ?? []).reduce(0, &+) }
}
