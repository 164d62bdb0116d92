// SPDX-License-Identifier: Apache-2.0

/// Values that come out in the order in which they went in, `BPF_MAP_TYPE_QUEUE`, or in the other order,
/// `BPF_MAP_TYPE_STACK` (Linux 4.20).
public struct Queue<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The descriptor's number.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// How many values it may hold.
    public var maxEntries: Int { handle.maxEntries }

    /// Takes a descriptor over.
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

    /// Takes the next value (`BPF_MAP_LOOKUP_AND_DELETE_ELEM`).
    ///
    /// - Returns: `nil` if the queue is empty.
    public func pop() throws(BPFError) -> Value? {
        try MapHandle.read(Value.self, size: handle.valueSize) { (value) throws(BPFError) in
            try handle.take(nil, into: value)
        }
    }

    /// The next value, which stays (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if the queue is empty.
    public func peek() throws(BPFError) -> Value? {
        try MapHandle.read(Value.self, size: handle.valueSize) { (value) throws(BPFError) in
            try handle.lookUp(nil, into: value)
        }
    }
}
