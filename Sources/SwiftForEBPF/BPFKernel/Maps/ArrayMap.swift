// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// `BPF_MAP_TYPE_ARRAY`: a value for each index. All values exist from the start and are zero.
public struct ArrayMap<Value>: KeyValueMap {
    /// The index, which starts at 0.
    public typealias Key = UInt32
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameter count: the number of values; a literal.
    @inline(__always)
    public init(count: UInt32) {
        definition = MapDefinition(BPF_MAP_TYPE_ARRAY, maxEntries: count, flags: 0)
    }
}

/// `BPF_MAP_TYPE_PERCPU_ARRAY`: an array for each CPU. A program sees only its own CPU's values.
public struct PerCPUArray<Value>: KeyValueMap {
    /// The index, which starts at 0.
    public typealias Key = UInt32
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameter count: the number of values that each CPU has; a literal.
    @inline(__always)
    public init(count: UInt32) {
        definition = MapDefinition(BPF_MAP_TYPE_PERCPU_ARRAY, maxEntries: count, flags: 0)
    }
}
