// SPDX-License-Identifier: Apache-2.0

/// An array with a value for each CPU: `BPF_MAP_TYPE_PERCPU_ARRAY`.
///
/// A program accesses the value of the CPU that it runs on, so counting needs no atomic operation. In user space the
/// values are an array with one element for each possible CPU.
public struct PerCPUArray<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle
    private let cpus: PerCPUValues

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// The number of elements.
    public var count: Int { handle.maxEntries }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        let handle = try MapHandle(
            descriptor, name: name, types: [.perCPUArray], key: .init(UInt32.self), value: .init(Value.self))
        cpus = try PerCPUValues(valueSize: handle.valueSize)
        self.handle = handle
    }

    /// Reads the values of all possible CPUs at an index (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Throws: `notFound` if the index is out of range.
    public func values(at index: UInt32) throws(BPFError) -> [Value] {
        guard let values: [Value] = try cpus.values(handle, for: index) else { throw handle.noElement(index) }
        return values
    }

    /// Replaces the values of all CPUs at an index (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Parameters:
    ///   - values: one for each possible CPU.
    ///   - index: from 0 to `count` - 1.
    /// - Throws: `invalid` if the number of values is wrong, or (E2BIG) if the index is out of range.
    public func update(_ values: [Value], at index: UInt32) throws(BPFError) {
        try cpus.update(handle, values, for: index)
    }
}

extension PerCPUArray where Value: FixedWidthInteger {
    /// The sum of all CPUs' values at an index. It wraps around on overflow.
    ///
    /// - Throws: `notFound` if the index is out of range.
    public func sum(at index: UInt32) throws(BPFError) -> Value { try values(at: index).reduce(0, &+) }
}
