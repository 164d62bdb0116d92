// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A map from keys to values: `BPF_MAP_TYPE_HASH`, or `BPF_MAP_TYPE_LRU_HASH`, which evicts the least recently used
/// entries when it is full.
///
/// Keys are compared byte by byte, so a key type must have no padding between its members.
public struct HashMap<Key: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// The capacity, in entries.
    public var maxEntries: Int { handle.maxEntries }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its keys or values have other sizes.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(
            descriptor, name: name, types: [.hash, .lruHash], key: .init(Key.self), value: .init(Value.self))
    }

    // MARK: One entry

    /// Looks up a value (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if the map has no such key.
    public func value(for key: Key) throws(BPFError) -> Value? { try handle.value(for: key, as: Value.self) }

    /// Adds or replaces a value (`BPF_MAP_UPDATE_ELEM` with `BPF_ANY`).
    ///
    /// - Throws: `invalid` (E2BIG) if the map is full.
    public func update(_ value: Value, for key: Key) throws(BPFError) { try handle.update(value, for: key) }

    /// Adds a value if the key has none (`BPF_NOEXIST`). This is atomic with respect to other threads and programs.
    ///
    /// - Returns: whether it was added.
    /// - Throws: `invalid` (E2BIG) if the map is full.
    public func insert(_ value: Value, for key: Key) throws(BPFError) -> Bool {
        try handle.update(value, for: key, flags: UInt64(BPF_NOEXIST))
    }

    /// Replaces a value if the key has one (`BPF_EXIST`).
    ///
    /// - Returns: whether it was replaced.
    public func replace(_ value: Value, for key: Key) throws(BPFError) -> Bool {
        try handle.update(value, for: key, flags: UInt64(BPF_EXIST))
    }

    /// Removes a value (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether the key had one.
    @discardableResult
    public func removeValue(for key: Key) throws(BPFError) -> Bool { try handle.delete(key: key) }

    /// Removes a value and returns it (`BPF_MAP_LOOKUP_AND_DELETE_ELEM`, Linux 5.14; in two steps before).
    ///
    /// - Returns: `nil` if the map has no such key.
    public func take(_ key: Key) throws(BPFError) -> Value? { try handle.take(key, as: Value.self) }

    // MARK: Many entries

    /// All entries at the time of the call. Entries that are added or removed during the call may be missing or
    /// included.
    ///
    /// They are read in batches (`BPF_MAP_LOOKUP_BATCH`, Linux 5.6), or one at a time on older kernels.
    public func entries() throws(BPFError) -> [(key: Key, value: Value)] { try handle.entries() }

    /// All keys at the time of the call.
    public func keys() throws(BPFError) -> [Key] {
        var keys: [Key] = []
        try forEach { (key, _) throws(BPFError) in keys.append(key) }
        return keys
    }

    /// Calls `body` with each entry, without keeping all of them in memory. `body` may change the map.
    public func forEach(_ body: (Key, Value) throws(BPFError) -> Void) throws(BPFError) { try handle.forEach(body) }

    /// Adds or replaces entries (`BPF_MAP_UPDATE_BATCH`, Linux 5.6; one at a time before).
    ///
    /// - Throws: `invalid` (E2BIG) if the map is full; some of the entries may be written then.
    public func update(contentsOf entries: some Sequence<(key: Key, value: Value)>) throws(BPFError) {
        try handle.update(contentsOf: entries)
    }

    /// Removes entries (`BPF_MAP_DELETE_BATCH`, Linux 5.6; one at a time before).
    ///
    /// - Returns: the number of entries removed.
    @discardableResult
    public func removeValues(for keys: some Sequence<Key>) throws(BPFError) -> Int {
        try handle.delete(contentsOf: keys)
    }

    /// Removes the entries that exist at the time of the call.
    ///
    /// - Returns: the number of entries removed.
    @discardableResult
    public func removeAll() throws(BPFError) -> Int { try removeValues(for: keys()) }
}
