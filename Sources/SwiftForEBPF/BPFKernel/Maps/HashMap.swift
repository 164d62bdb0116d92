// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A map whose entries can be added and removed.
public protocol HashingMap: KeyValueMap {}

extension HashingMap {
    /// Adds an entry unless the key has one already (`BPF_NOEXIST`); atomic among CPUs.
    ///
    /// - Returns: whether it was added.
    @inline(__always)
    public mutating func insert(_ value: Value, for key: Key) -> Bool { update(value, for: key, if: .isAbsent) == 0 }

    /// The same for a key in a variable, which is passed without a copy and stays as it is.
    @inline(__always)
    public mutating func insert(_ value: Value, for key: inout Key) -> Bool {
        update(value, for: &key, if: .isAbsent) == 0
    }

    /// Removes an entry, if there is one (`bpf_map_delete_elem`).
    ///
    /// - Returns: whether there was one.
    @inline(__always)
    @discardableResult
    public mutating func remove(_ key: Key) -> Bool {
        var key = key
        return remove(&key)
    }

    /// The same for a key in a variable, which is passed without a copy and stays as it is.
    @inline(__always)
    @discardableResult
    public mutating func remove(_ key: inout Key) -> Bool {
        withUnsafePointer(to: &key) { key in withUnsafePointer(to: &self) { bpf_map_delete_elem($0, key) == 0 } }
    }
}

extension HashingMap where Value == UInt64 {
    /// Adds to a counter, which begins with 0; atomic among CPUs. Nothing is counted for a new key while the map is full.
    @inline(__always)
    public mutating func add(_ amount: UInt64, to key: Key) {
        var key = key
        if let value = value(for: &key) {
            value.atomicAdd(amount)
        } else if !insert(amount, for: &key), let value = value(for: &key) {
            // Another CPU was first.
            value.atomicAdd(amount)
        }
    }
}

/// `BPF_MAP_TYPE_HASH`: holds so many entries; no more can be added then.
public struct HashMap<Key, Value>: HashingMap {
    private var definition: MapDefinition

    /// - Parameters:
    ///   - maxEntries: how many at most; a literal.
    ///   - flags: how memory is taken.
    @inline(__always)
    public init(maxEntries: UInt32, flags: MapFlags = .none) {
        definition = MapDefinition(BPF_MAP_TYPE_HASH, maxEntries: maxEntries, flags: flags.rawValue)
    }
}

/// `BPF_MAP_TYPE_LRU_HASH`: entries that were not used for long make room for new ones.
public struct LRUHashMap<Key, Value>: HashingMap {
    private var definition: MapDefinition

    /// - Parameters:
    ///   - maxEntries: about how many; a literal.
    ///   - flags: how memory is taken.
    @inline(__always)
    public init(maxEntries: UInt32, flags: MapFlags = .none) {
        definition = MapDefinition(BPF_MAP_TYPE_LRU_HASH, maxEntries: maxEntries, flags: flags.rawValue)
    }
}

/// `BPF_MAP_TYPE_PERCPU_HASH`: each CPU has a value of its own for a key, and sees no other's.
public struct PerCPUHashMap<Key, Value>: HashingMap {
    private var definition: MapDefinition

    /// - Parameters:
    ///   - maxEntries: how many at most; a literal.
    ///   - flags: how memory is taken.
    @inline(__always)
    public init(maxEntries: UInt32, flags: MapFlags = .none) {
        definition = MapDefinition(BPF_MAP_TYPE_PERCPU_HASH, maxEntries: maxEntries, flags: flags.rawValue)
    }
}
