// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A map from keys to values: `BPF_MAP_TYPE_HASH`, or `BPF_MAP_TYPE_LRU_HASH`, which drops old entries when it is full.
///
/// Keys are compared byte by byte, so a key type must have no gaps between its members.
public struct HashMap<Key: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The descriptor's number.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// How many entries it may hold.
    public var maxEntries: Int { handle.maxEntries }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its keys or values have other sizes.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(
            descriptor, name: name, types: [.hash, .lruHash], key: .init(Key.self), value: .init(Value.self))
    }

    // MARK: One entry

    /// Looks a value up (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if there is none.
    public func value(for key: Key) throws(BPFError) -> Value? { try handle.value(for: key, as: Value.self) }

    /// Adds or replaces a value (`BPF_ANY`).
    ///
    /// - Throws: `invalid` (E2BIG) if the map is full.
    public func update(_ value: Value, for key: Key) throws(BPFError) { try handle.update(value, for: key) }

    /// Adds a value unless there is one (`BPF_NOEXIST`); atomic among threads and programs.
    ///
    /// - Returns: whether it was added.
    public func insert(_ value: Value, for key: Key) throws(BPFError) -> Bool {
        try handle.update(value, for: key, flags: UInt64(BPF_NOEXIST))
    }

    /// Replaces a value if there is one (`BPF_EXIST`).
    ///
    /// - Returns: whether there was one.
    public func replace(_ value: Value, for key: Key) throws(BPFError) -> Bool {
        try handle.update(value, for: key, flags: UInt64(BPF_EXIST))
    }

    /// Removes a value (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func removeValue(for key: Key) throws(BPFError) -> Bool { try handle.delete(key: key) }

    /// Removes a value and gives it (`BPF_MAP_LOOKUP_AND_DELETE_ELEM`, Linux 5.14; in two steps before).
    ///
    /// - Returns: `nil` if there is none.
    public func take(_ key: Key) throws(BPFError) -> Value? { try handle.take(key, as: Value.self) }

    // MARK: Many entries

    /// All entries at the time of the call. Those that come and go meanwhile may or may not be among them.
    ///
    /// In batches (`BPF_MAP_LOOKUP_BATCH`, Linux 5.6), or one by one before.
    public func entries() throws(BPFError) -> [(key: Key, value: Value)] { try handle.entries() }

    /// All keys at the time of the call.
    public func keys() throws(BPFError) -> [Key] {
        var keys: [Key] = []
        try forEach { (key, _) throws(BPFError) in keys.append(key) }
        return keys
    }

    /// Calls `body` with each entry, without holding all of them in memory. It may change the map.
    public func forEach(_ body: (Key, Value) throws(BPFError) -> Void) throws(BPFError) { try handle.forEach(body) }

    /// Adds or replaces entries (`BPF_MAP_UPDATE_BATCH`, Linux 5.6; one by one before).
    public func update(contentsOf entries: some Sequence<(key: Key, value: Value)>) throws(BPFError) {
        try handle.update(contentsOf: entries)
    }

    /// Removes entries (`BPF_MAP_DELETE_BATCH`, Linux 5.6; one by one before).
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func removeValues(for keys: some Sequence<Key>) throws(BPFError) -> Int {
        try handle.delete(contentsOf: keys)
    }

    /// Removes the entries that are there at the time of the call.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func removeAll() throws(BPFError) -> Int { try removeValues(for: keys()) }
}
