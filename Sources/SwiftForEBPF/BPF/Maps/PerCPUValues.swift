// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// The memory layout of per-CPU values: one value for each possible CPU, each rounded up to 8 bytes.
struct PerCPUValues: Sendable {
    /// The number of possible CPUs.
    let count: Int
    private let valueSize: Int
    private var stride: Int { (valueSize + 7) & ~7 }
    /// The size of all values, in bytes.
    var byteCount: Int { stride * count }

    init(valueSize: Int) throws(BPFError) {
        count = Int(try check(libbpf_num_possible_cpus(), "libbpf_num_possible_cpus", "counting CPUs"))
        self.valueSize = valueSize
    }

    func values<Value: BitwiseCopyable>(at bytes: UnsafeRawPointer) -> [Value] {
        (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * stride, as: Value.self) }
    }

    func values<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ map: borrowing MapHandle, for key: Key
    ) throws(BPFError) -> [Value]? {
        try MapHandle.withBytes(of: key, paddedTo: map.keySize) { (key) throws(BPFError) in
            try withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) {
                (buffer) throws(BPFError) -> [Value]? in
                guard try map.lookUp(key, into: buffer.baseAddress!) else { return nil }
                return values(at: UnsafeRawPointer(buffer.baseAddress!))
            }
        }
    }

    func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ map: borrowing MapHandle, _ values: [Value], for key: Key
    ) throws(BPFError) {
        guard values.count == count else {
            throw BPFError(
                .invalid, "writing to the map '\(map.name)'",
                reason: "\(values.count) values were given for \(count) CPUs")
        }
        var bytes: [UInt8] = []
        for value in values { MapHandle.append(value, to: &bytes, paddedTo: stride) }
        try MapHandle.withBytes(of: key, paddedTo: map.keySize) { (key) throws(BPFError) in
            try bytes.span.bytes.withUnsafeBytes { (bytes) throws(BPFError) in
                _ = try map.update(key, bytes.baseAddress!)
            }
        }
    }
}
