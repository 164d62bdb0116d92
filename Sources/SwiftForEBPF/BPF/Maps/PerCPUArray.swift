// SPDX-License-Identifier: Apache-2.0

/// An array with a value for each CPU: `BPF_MAP_TYPE_PERCPU_ARRAY`.
///
/// Programs see the value of the CPU that they run on, so counting needs no atomic operation. Values are arrays here,
/// an element for each possible CPU.
public struct PerCPUArray<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle
    private let cpus: PerCPUValues

    /// The descriptor's number.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// How many elements it has.
    public var count: Int { handle.maxEntries }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        let handle = try MapHandle(
            descriptor, name: name, types: [.perCPUArray], key: .init(UInt32.self), value: .init(Value.self))
        cpus = try PerCPUValues(valueSize: handle.valueSize)
        self.handle = handle
    }

    /// The values of all possible CPUs at an index (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Throws: `notFound` if the array is shorter.
    public func values(at index: UInt32) throws(BPFError) -> [Value] {
        guard let values: [Value] = try cpus.values(handle, for: index) else { throw handle.noElement(index) }
        return values
    }

    /// Replaces the values of all CPUs at an index (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Throws: `invalid` unless there is one for each possible CPU, or (E2BIG) if the array is shorter.
    public func update(_ values: [Value], at index: UInt32) throws(BPFError) {
        try cpus.update(handle, values, for: index)
    }
}

extension PerCPUArray where Value: FixedWidthInteger {
    /// The sum of all CPUs' values at an index, modulo 2 to the number of bits.
    ///
    /// - Throws: `notFound` if the array is shorter.
    public func sum(at index: UInt32) throws(BPFError) -> Value { try values(at: index).reduce(0, &+) }
}
