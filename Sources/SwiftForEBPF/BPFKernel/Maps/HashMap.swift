// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A map whose entries can be added and removed.
public protocol HashingMap: KeyValueMap {}

extension HashingMap {
    /// Adds an entry if the key has none (`BPF_NOEXIST`). This is atomic with respect to other CPUs.
    ///
    /// - Returns: `false` if the key has an entry, or the map is full.
    @inline(__always)
    public mutating func insert(_ value: Value, for key: Key) -> Bool { update(value, for: key, if: .isAbsent) == 0 }

    /// Adds an entry, and passes the key's variable without a copy. The key isn't changed.
    @inline(__always)
    public mutating func insert(_ value: Value, for key: inout Key) -> Bool {
        update(value, for: &key, if: .isAbsent) == 0
    }

    /// Removes an entry (`bpf_map_delete_elem`).
    ///
    /// - Returns: whether the map had the key.
    @inline(__always)
    @discardableResult
    public mutating func remove(_ key: Key) -> Bool {
        var key = key
        return remove(&key)
    }

    /// Removes an entry, and passes the key's variable without a copy. The key isn't changed.
    @inline(__always)
    @discardableResult
    public mutating func remove(_ key: inout Key) -> Bool {
        withUnsafePointer(to: &key) { key in withUnsafePointer(to: &self) { bpf_map_delete_elem($0, key) == 0 } }
    }
}

extension HashingMap where Value == UInt64 {
    /// Adds to a counter, which starts at 0. This is atomic with respect to other CPUs. While the map is full, a new
    /// key isn't counted.
    @inline(__always)
    public mutating func add(_ amount: UInt64, to key: Key) {
        var key = key
        if let value = value(for: &key) {
            value.atomicAdd(amount)
        } else if !insert(amount, for: &key), let value = value(for: &key) {
            // Another CPU has added it in between.
            value.atomicAdd(amount)
        }
    }
}

/// `BPF_MAP_TYPE_HASH`: a map from keys to values. When it is full, no more entries can be added.
public struct HashMap<Key, Value>: HashingMap {
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameters:
    ///   - maxEntries: the most entries; a literal.
    ///   - flags: how memory is allocated.
    @inline(__always)
    public init(maxEntries: UInt32, flags: MapFlags = .none) {
        definition = MapDefinition(BPF_MAP_TYPE_HASH, maxEntries: maxEntries, flags: flags.rawValue)
    }
}

/// `BPF_MAP_TYPE_LRU_HASH`: a map from keys to values. When it is full, a new entry evicts the least recently used
/// ones.
public struct LRUHashMap<Key, Value>: HashingMap {
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameters:
    ///   - maxEntries: the approximate number of entries; a literal.
    ///   - flags: how memory is allocated.
    @inline(__always)
    public init(maxEntries: UInt32, flags: MapFlags = .none) {
        definition = MapDefinition(BPF_MAP_TYPE_LRU_HASH, maxEntries: maxEntries, flags: flags.rawValue)
    }
}

/// `BPF_MAP_TYPE_PERCPU_HASH`: each key has a separate value for each CPU. A program sees only its own CPU's value.
public struct PerCPUHashMap<Key, Value>: HashingMap {
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameters:
    ///   - maxEntries: the most entries; a literal.
    ///   - flags: how memory is allocated.
    @inline(__always)
    public init(maxEntries: UInt32, flags: MapFlags = .none) {
        definition = MapDefinition(BPF_MAP_TYPE_PERCPU_HASH, maxEntries: maxEntries, flags: flags.rawValue)
    }
}
