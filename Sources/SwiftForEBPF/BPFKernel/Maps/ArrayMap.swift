// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// `BPF_MAP_TYPE_ARRAY`: a value for each index; all are there from the start, and begin with zeros.
public struct ArrayMap<Value>: KeyValueMap {
    /// The index, from 0.
    public typealias Key = UInt32
    private var definition: MapDefinition

    /// - Parameter count: how many values; a literal.
    @inline(__always)
    public init(count: UInt32) {
        definition = MapDefinition(BPF_MAP_TYPE_ARRAY, maxEntries: count, flags: 0)
    }
}

/// `BPF_MAP_TYPE_PERCPU_ARRAY`: each CPU has values of its own, and sees no other's.
public struct PerCPUArray<Value>: KeyValueMap {
    /// The index, from 0.
    public typealias Key = UInt32
    private var definition: MapDefinition

    /// - Parameter count: how many values each CPU has; a literal.
    @inline(__always)
    public init(count: UInt32) {
        definition = MapDefinition(BPF_MAP_TYPE_PERCPU_ARRAY, maxEntries: count, flags: 0)
    }
}
