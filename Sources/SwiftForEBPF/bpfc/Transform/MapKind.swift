// SPDX-License-Identifier: Apache-2.0

/// The kinds of maps that BPFKernel declares (`enum bpf_map_type`).
enum MapKind: UInt64 {
    case hash = 1
    case array = 2
    case perCPUHash = 5
    case perCPUArray = 6
    case lruHash = 9
    case lruPerCPUHash = 10
    case lpmTrie = 11
    case queue = 22
    case stack = 23
    case socketStorage = 24
    case ringBuffer = 27

    /// Whether the declaration's generic arguments are a key and a value.
    var argumentsAreKeyAndValue: Bool {
        switch self {
        case .hash, .perCPUHash, .lruHash, .lruPerCPUHash, .lpmTrie: true
        case .array, .perCPUArray, .queue, .stack, .socketStorage, .ringBuffer: false
        }
    }

    /// The key type that the kernel expects if the declaration names none.
    var impliedKey: SwiftType? {
        switch self {
        case .array, .perCPUArray: .integer(name: "UInt32", bits: 32, isSigned: false)
        case .socketStorage: .integer(name: "Int32", bits: 32, isSigned: true)
        default: nil
        }
    }

    /// The type in the library BPF through which user space accesses the map.
    func userType(key: SwiftType?, value: SwiftType?) -> String {
        let value = value?.spelling ?? "Never"
        switch self {
        case .hash, .lruHash: return "BPF.HashMap<\(key?.spelling ?? "Never"), \(value)>"
        case .perCPUHash, .lruPerCPUHash: return "BPF.PerCPUHashMap<\(key?.spelling ?? "Never"), \(value)>"
        case .lpmTrie:
            // User space passes only the address; the library adds the length.
            guard case .structure(let prefix) = key, let address = prefix.arguments.first else { return "Never" }
            return "BPF.LPMTrie<\(address.spelling), \(value)>"
        case .array: return "BPF.ArrayMap<\(value)>"
        case .perCPUArray: return "BPF.PerCPUArray<\(value)>"
        case .queue, .stack: return "BPF.Queue<\(value)>"
        case .socketStorage: return "BPF.SocketStorage<\(value)>"
        case .ringBuffer: return "BPF.RingBuffer<\(value)>"
        }
    }
}
