// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// What all maps begin with: bpfc reads it from the initial value, and makes the definition that the loader reads (`.maps`).
public struct MapDefinition {
    /// `enum bpf_map_type`.
    let type: UInt32
    /// Entries, or bytes of a ring buffer; 0 where the kernel wants none.
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

/// Flags of a map (`BPF_F_…` of `BPF_MAP_CREATE`).
public struct MapFlags {
    let rawValue: UInt32

    /// None.
    public static var none: MapFlags { @inline(__always) get { MapFlags(rawValue: 0) } }
    /// `BPF_F_NO_PREALLOC`: memory is taken for entries that are there, rather than for all at once.
    public static var noPreallocation: MapFlags { @inline(__always) get { MapFlags(rawValue: 1) } }
    /// `BPF_F_NO_COMMON_LRU`: each CPU has a list of its own of what was used last; faster, and less exact.
    public static var listPerCPU: MapFlags { @inline(__always) get { MapFlags(rawValue: 2) } }
}

/// When a write to a map is to happen (flags of `bpf_map_update_elem`).
public struct UpdateCondition {
    let rawValue: UInt64

    /// `BPF_ANY`: always.
    public static var always: UpdateCondition { @inline(__always) get { UpdateCondition(rawValue: 0) } }
    /// `BPF_NOEXIST`: if the key has no value yet; atomic among CPUs.
    public static var isAbsent: UpdateCondition { @inline(__always) get { UpdateCondition(rawValue: 1) } }
    /// `BPF_EXIST`: if the key has a value.
    public static var isPresent: UpdateCondition { @inline(__always) get { UpdateCondition(rawValue: 2) } }
}

/// A map from keys to values. A map is a global variable with a literal capacity:
///
/// ```swift
/// var connections = HashMap<IPv4Address, UInt64>(maxEntries: 10_240)
/// ```
///
/// Keys and values are integers, `Bool`, enumerations without associated values, tuples, `InlineArray`s and structures of
/// these. A key must not have padding between its members.
public protocol KeyValueMap {
    /// What a value is found by.
    associatedtype Key
    /// What lies in the map.
    associatedtype Value
}

extension KeyValueMap {
    /// The value in place, shared with all CPUs and user space; `nil` if the key has none (`bpf_map_lookup_elem`).
    @inline(__always)
    public subscript(key: Key) -> UnsafeMutablePointer<Value>? {
        mutating get {
            var key = key
            return value(for: &key)
        }
    }

    /// The same as the subscript, which copies the key to the stack each time: this passes the variable that it lies in.
    ///
    /// - Parameter key: stays as it is.
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
    /// - Returns: 0, or a negative errno: EEXIST or ENOENT if the condition doesn't hold, E2BIG if the map is full.
    @inline(__always)
    @discardableResult
    public mutating func update(_ value: Value, for key: Key, if condition: UpdateCondition = .always) -> Int32 {
        var key = key
        return update(value, for: &key, if: condition)
    }

    /// The same for a key in a variable, which is passed without a copy and stays as it is.
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
