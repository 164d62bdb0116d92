// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The first member of every map type. bpfc reads it from the map's initial value, and writes the definition that the
/// loader reads (`.maps`).
public struct MapDefinition {
    /// `enum bpf_map_type`.
    let type: UInt32
    /// The capacity in entries; for a ring buffer, its size in bytes; 0 if the kernel requires none.
    let maxEntries: UInt32
    /// `BPF_F_…`.
    let flags: UInt32

    @inline(__always)
    init(_ type: bpf_map_type, maxEntries: UInt32, flags: UInt32) {
        self.type = type.rawValue
        self.maxEntries = maxEntries
        self.flags = flags
    }
}

/// The flags of a map (`BPF_F_…` of `BPF_MAP_CREATE`).
public struct MapFlags {
    let rawValue: UInt32

    /// No flags.
    public static var none: MapFlags { @inline(__always) get { MapFlags(rawValue: 0) } }
    /// `BPF_F_NO_PREALLOC`: memory is allocated for each entry when it is added, not for all entries in advance.
    public static var noPreallocation: MapFlags { @inline(__always) get { MapFlags(rawValue: 1) } }
    /// `BPF_F_NO_COMMON_LRU`: each CPU has its own list of recently used entries, which is faster but less exact.
    public static var listPerCPU: MapFlags { @inline(__always) get { MapFlags(rawValue: 2) } }
}

/// The condition of a write to a map (flags of `bpf_map_update_elem`).
public struct UpdateCondition {
    let rawValue: UInt64

    /// `BPF_ANY`: always.
    public static var always: UpdateCondition { @inline(__always) get { UpdateCondition(rawValue: 0) } }
    /// `BPF_NOEXIST`: only if the key has no value yet. The check is atomic with respect to other CPUs.
    public static var isAbsent: UpdateCondition { @inline(__always) get { UpdateCondition(rawValue: 1) } }
    /// `BPF_EXIST`: only if the key has a value.
    public static var isPresent: UpdateCondition { @inline(__always) get { UpdateCondition(rawValue: 2) } }
}

/// A map from keys to values. Declare a map as a global variable with a literal capacity:
///
/// ```swift
/// var connections = HashMap<IPv4Address, UInt64>(maxEntries: 10_240)
/// ```
///
/// Keys and values are integers, `Bool`, enumerations without associated values, tuples, `InlineArray`s and structures
/// of these. A key must not have padding between its members, because the kernel compares all its bytes.
public protocol KeyValueMap {
    /// The type of the keys.
    associatedtype Key
    /// The type of the values.
    associatedtype Value
}

extension KeyValueMap {
    /// A pointer to the value in the map, which all CPUs and user space share (`bpf_map_lookup_elem`); `nil` if the key
    /// has no value.
    @inline(__always)
    public subscript(key: Key) -> UnsafeMutablePointer<Value>? {
        mutating get {
            var key = key
            return value(for: &key)
        }
    }

    /// Looks up a value like the subscript, but passes the key's variable. The subscript copies the key to the stack
    /// each time.
    ///
    /// - Parameter key: isn't changed.
    @inline(__always)
    public mutating func value(for key: inout Key) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: &key) { key in
            withUnsafePointer(to: &self) {
                bpf_map_lookup_elem($0, key)?.assumingMemoryBound(to: Value.self)
            }
        }
    }

    /// Writes a value (`bpf_map_update_elem`).
    ///
    /// - Returns: 0, or a negative errno: EEXIST or ENOENT if the condition isn't met, E2BIG if the map is full.
    @inline(__always)
    @discardableResult
    public mutating func update(_ value: Value, for key: Key, if condition: UpdateCondition = .always) -> Int32 {
        var key = key
        return update(value, for: &key, if: condition)
    }

    /// Writes a value, and passes the key's variable without a copy. The key isn't changed.
    @inline(__always)
    @discardableResult
    public mutating func update(_ value: Value, for key: inout Key, if condition: UpdateCondition = .always) -> Int32 {
        withUnsafePointer(to: &key) { key in
            withUnsafePointer(to: value) { value in
                withUnsafePointer(to: &self) {
                    Int32(truncatingIfNeeded: bpf_map_update_elem($0, key, value, condition.rawValue))
                }
            }
        }
    }
}
