// SPDX-License-Identifier: Apache-2.0

/// An array: `BPF_MAP_TYPE_ARRAY`. All elements exist from the beginning and are zero.
public struct ArrayMap<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// The number of elements.
    public var count: Int { handle.maxEntries }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(
            descriptor, name: name, types: [.array], key: .init(UInt32.self), value: .init(Value.self))
    }

    /// Reads an element (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Parameter index: from 0 to `count` - 1.
    /// - Throws: `notFound` if the index is out of range.
    public func value(at index: UInt32) throws(BPFError) -> Value {
        guard let value = try handle.value(for: index, as: Value.self) else { throw handle.noElement(index) }
        return value
    }

    /// Replaces an element (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Throws: `invalid` (E2BIG) if the index is out of range.
    public func update(_ value: Value, at index: UInt32) throws(BPFError) { try handle.update(value, for: index) }

    /// Reads all elements, in the order of their index.
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
