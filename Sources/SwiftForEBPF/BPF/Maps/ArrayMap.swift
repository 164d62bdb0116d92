// SPDX-License-Identifier: Apache-2.0

/// An array: `BPF_MAP_TYPE_ARRAY`. All its elements are there from the beginning, as zeros.
public struct ArrayMap<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The descriptor's number.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// How many elements it has.
    public var count: Int { handle.maxEntries }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(
            descriptor, name: name, types: [.array], key: .init(UInt32.self), value: .init(Value.self))
    }

    /// An element (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Throws: `notFound` if the array is shorter.
    public func value(at index: UInt32) throws(BPFError) -> Value {
        guard let value = try handle.value(for: index, as: Value.self) else { throw handle.noElement(index) }
        return value
    }

    /// Replaces an element (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Throws: `invalid` (E2BIG) if the array is shorter.
    public func update(_ value: Value, at index: UInt32) throws(BPFError) { try handle.update(value, for: index) }

    /// All elements, in their order.
    public func values() throws(BPFError) -> [Value] {
        var values: [Value] = []
        try handle.forEach { (_: UInt32, value: Value) throws(BPFError) in values.append(value) }
        return values
    }
}

extension MapHandle {
    func noElement(_ index: UInt32) -> BPFError {
        BPFError(
            .notFound, "reading element \(index) of the map '\(name)'", reason: "it has \(maxEntries) elements")
    }
}
