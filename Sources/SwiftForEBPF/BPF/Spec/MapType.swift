// SPDX-License-Identifier: Apache-2.0

/// The type of a map, `enum bpf_map_type`.
public struct MapType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public var rawValue: UInt32

    /// Makes a type from the kernel's number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// `BPF_MAP_TYPE_HASH`.
    public static let hash = MapType(1)
    /// `BPF_MAP_TYPE_ARRAY`.
    public static let array = MapType(2)
    /// `BPF_MAP_TYPE_PERCPU_HASH`.
    public static let perCPUHash = MapType(5)
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`.
    public static let perCPUArray = MapType(6)
    /// `BPF_MAP_TYPE_LRU_HASH`: when it is full, the least recently used entry is evicted.
    public static let lruHash = MapType(9)
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
    public static let lruPerCPUHash = MapType(10)
    /// `BPF_MAP_TYPE_LPM_TRIE`.
    public static let lpmTrie = MapType(11)
    /// `BPF_MAP_TYPE_QUEUE`.
    public static let queue = MapType(22)
    /// `BPF_MAP_TYPE_STACK`.
    public static let stack = MapType(23)
    /// `BPF_MAP_TYPE_SK_STORAGE`.
    public static let socketStorage = MapType(24)
    /// `BPF_MAP_TYPE_STRUCT_OPS`.
    public static let structOps = MapType(26)
    /// `BPF_MAP_TYPE_RINGBUF`.
    public static let ringBuffer = MapType(27)

    private static let known: [(type: MapType, name: String, minimumKernel: String)] = [
        (.hash, "hash map", "3.19"), (.array, "array", "3.19"), (.perCPUHash, "per-CPU hash map", "4.6"),
        (.perCPUArray, "per-CPU array", "4.6"), (.lruHash, "LRU hash map", "4.10"),
        (.lruPerCPUHash, "per-CPU LRU hash map", "4.10"), (.lpmTrie, "LPM trie", "4.11"), (.queue, "queue", "4.20"),
        (.stack, "stack", "4.20"),
        (.socketStorage, "socket storage", "5.2"), (.structOps, "struct_ops", "5.6"),
        (.ringBuffer, "ring buffer", "5.8"),
    ]

    /// The name in messages.
    public var description: String { MapType.known.first { $0.type == self }?.name ?? "map of type \(rawValue)" }

    /// The first kernel.org release that has it; `nil` if this library doesn't know the type.
    public var minimumKernel: String? { MapType.known.first { $0.type == self }?.minimumKernel }
}

/// The flags that a map is created with (`BPF_F_…`).
public struct MapFlags: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public var rawValue: UInt32

    /// Makes flags from the kernel's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `BPF_F_NO_PREALLOC`: memory is allocated for each entry when it is added.
    public static let noPreallocation = MapFlags(rawValue: 1)
    /// `BPF_F_NO_COMMON_LRU`: each CPU has its own list of entries to evict.
    public static let noCommonLRU = MapFlags(rawValue: 1 << 1)
    /// `BPF_F_NUMA_NODE`.
    static let numaNode = MapFlags(rawValue: 1 << 2)
    /// `BPF_F_RDONLY`: user space can't write to it.
    public static let readOnly = MapFlags(rawValue: 1 << 3)
    /// `BPF_F_RDONLY_PROG`: programs can't write to it.
    public static let readOnlyForPrograms = MapFlags(rawValue: 1 << 7)
    /// `BPF_F_LINK` of a struct_ops map: a link keeps it registered (Linux 6.4).
    static let link = MapFlags(rawValue: 1 << 13)
}
