// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A map from keys to values: `BPF_MAP_TYPE_HASH`, `_LRU_HASH` or `_ARRAY` (whose keys are indices, `UInt32`).
///
/// Each call is one system call; any number of threads may call at once.
public struct HashMap<Key: BitwiseCopyable & Hashable & Sendable, Value: BitwiseCopyable & Sendable>: ~Copyable,
    Sendable
{
    /// The object in the kernel.
    public let descriptor: Descriptor

    /// - Throws: `mismatch` if the map's keys or values have other sizes than `Key` and `Value`.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        let info = try MapInfo(descriptor)
        guard info.keySize == MemoryLayout<Key>.size, info.valueSize == MemoryLayout<Value>.size else {
            throw BPFError(
                .mismatch, "opening the map '\(name)'",
                reason: "its keys and values have \(info.keySize) and \(info.valueSize) bytes, "
                    + "\(MemoryLayout<Key>.size) and \(MemoryLayout<Value>.size) are expected")
        }
        self.descriptor = descriptor
    }

    /// Looks a value up (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if there is none.
    public func value(for key: Key) throws(BPFError) -> Value? {
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { buffer -> Result<Value?, BPFError> in
            var key = key
            let result = bpf_map_lookup_elem(descriptor.rawValue, &key, buffer.baseAddress)
            if result == 0 { return .success(buffer[0]) }
            return errno == ENOENT ? .success(nil) : .failure(BPFError("looking up in a map", errno: errno))
        }
        .get()
    }

    /// Adds or replaces a value (`BPF_MAP_UPDATE_ELEM`).
    public func update(_ value: Value, for key: Key) throws(BPFError) {
        var (key, value) = (key, value)
        try check(bpf_map_update_elem(descriptor.rawValue, &key, &value, 0), "writing to a map")
    }

    /// Removes a value (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func removeValue(for key: Key) throws(BPFError) -> Bool {
        var key = key
        if bpf_map_delete_elem(descriptor.rawValue, &key) == 0 { return true }
        if errno == ENOENT { return false }
        throw BPFError("deleting from a map", errno: errno)
    }

    /// All keys at the time of the call (`BPF_MAP_GET_NEXT_KEY`). Keys that come and go meanwhile may or may not be
    /// among them; none is there twice.
    public func keys() throws(BPFError) -> [Key] {
        // When a key vanishes during the walk the kernel begins again from the first.
        var seen: Set<Key> = []
        var keys: [Key] = []
        let limit = Int(try MapInfo(descriptor).maxEntries)
        var next = withUnsafeTemporaryAllocation(of: Key.self, capacity: 1) { buffer -> Key? in
            bpf_map_get_next_key(descriptor.rawValue, nil, buffer.baseAddress) == 0 ? buffer[0] : nil
        }
        var steps = 0
        while let key = next, steps < 2 * limit + 16 {
            steps += 1
            if seen.insert(key).inserted { keys.append(key) }
            next = withUnsafeTemporaryAllocation(of: Key.self, capacity: 1) { buffer -> Key? in
                var key = key
                return bpf_map_get_next_key(descriptor.rawValue, &key, buffer.baseAddress) == 0 ? buffer[0] : nil
            }
        }
        return keys
    }
}

/// An array with a value for each CPU: `BPF_MAP_TYPE_PERCPU_ARRAY`.
public struct PerCPUArray<Value: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    /// The object in the kernel.
    public let descriptor: Descriptor
    private let cpus: Int
    /// The kernel rounds each CPU's value up to eight bytes.
    private var stride: Int { (MemoryLayout<Value>.size + 7) & ~7 }

    /// - Throws: `mismatch` if the map's values have another size than `Value`.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        let info = try MapInfo(descriptor)
        guard info.valueSize == MemoryLayout<Value>.size else {
            throw BPFError(
                .mismatch, "opening the map '\(name)'",
                reason: "its values have \(info.valueSize) bytes, \(MemoryLayout<Value>.size) are expected")
        }
        let cpus = Int(try check(libbpf_num_possible_cpus(), "counting CPUs"))
        self.descriptor = descriptor
        self.cpus = cpus
    }

    /// The values of all possible CPUs at an index.
    public func values(at index: UInt32) throws(BPFError) -> [Value] {
        try withUnsafeTemporaryAllocation(byteCount: stride * cpus, alignment: 8) {
            buffer -> Result<[Value], BPFError> in
            var key = index
            guard bpf_map_lookup_elem(descriptor.rawValue, &key, buffer.baseAddress) == 0 else {
                return .failure(BPFError("looking up in a per-CPU array", errno: errno))
            }
            return .success((0..<cpus).map { buffer.load(fromByteOffset: $0 * stride, as: Value.self) })
        }
        .get()
    }
}
