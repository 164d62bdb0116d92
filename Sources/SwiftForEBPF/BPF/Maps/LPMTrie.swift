// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A map from address prefixes to values that finds the longest prefix of an address: `BPF_MAP_TYPE_LPM_TRIE`.
///
/// `Address` contains its bits in network order, as `IPv4Address` and `IPv6Address` do.
public struct LPMTrie<Address: BitwiseCopyable & Sendable, Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
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
            descriptor, name: name, types: [.lpmTrie], key: .init(Prefix<Address>.self), value: .init(Value.self))
    }

    /// Looks up the value of the longest prefix that matches an address (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if no prefix matches.
    public func value(matching address: Address) throws(BPFError) -> Value? {
        try handle.value(for: Prefix(of: address), as: Value.self)
    }

    /// Adds or replaces the value of a prefix (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Throws: `invalid` if the prefix has more bits than the address, `system` (ENOSPC) if the map is full.
    public func update(_ value: Value, for prefix: Prefix<Address>) throws(BPFError) {
        try handle.update(value, for: prefix)
    }

    /// Removes exactly this prefix (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether the map had it.
    @discardableResult
    public func removeValue(for prefix: Prefix<Address>) throws(BPFError) -> Bool { try handle.delete(key: prefix) }

    /// All prefixes and their values.
    public func entries() throws(BPFError) -> [(prefix: Prefix<Address>, value: Value)] {
        var entries: [(prefix: Prefix<Address>, value: Value)] = []
        try handle.forEach { (prefix: Prefix<Address>, value: Value) throws(BPFError) in
            entries.append((prefix, value))
        }
        return entries
    }
}
