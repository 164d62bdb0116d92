// SPDX-License-Identifier: Apache-2.0

/// A first-in, first-out queue, `BPF_MAP_TYPE_QUEUE`, or a last-in, first-out stack, `BPF_MAP_TYPE_STACK` (Linux 4.20).
public struct Queue<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// The capacity, in values.
    public var maxEntries: Int { handle.maxEntries }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(descriptor, name: name, types: [.queue, .stack], key: .init(), value: .init(Value.self))
    }

    /// Adds a value (`BPF_MAP_UPDATE_ELEM`).
    ///
    /// - Throws: `invalid` (E2BIG) if the queue is full.
    public func push(_ value: Value) throws(BPFError) {
        try MapHandle.withBytes(of: value, paddedTo: handle.valueSize) { (value) throws(BPFError) in
            _ = try handle.update(nil, value)
        }
    }

    /// Removes the next value and returns it (`BPF_MAP_LOOKUP_AND_DELETE_ELEM`).
    ///
    /// - Returns: `nil` if the queue is empty.
    public func pop() throws(BPFError) -> Value? {
        try MapHandle.read(Value.self, size: handle.valueSize) { (value) throws(BPFError) in
            try handle.take(nil, into: value)
        }
    }

    /// Reads the next value without removing it (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if the queue is empty.
    public func peek() throws(BPFError) -> Value? {
        try MapHandle.read(Value.self, size: handle.valueSize) { (value) throws(BPFError) in
            try handle.lookUp(nil, into: value)
        }
    }
}
