// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A value for each socket, which is freed together with the socket: `BPF_MAP_TYPE_SK_STORAGE` (Linux 5.2).
///
/// The key is a file descriptor of the socket in this process.
public struct SocketStorage<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(
            descriptor, name: name, types: [.socketStorage], key: .init(Int32.self), value: .init(Value.self))
    }

    /// Reads a socket's value (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if it has none.
    /// - Throws: `system` (ENOTSOCK) if the descriptor isn't a socket's.
    public func value(for socket: Int32) throws(BPFError) -> Value? { try handle.value(for: socket, as: Value.self) }

    /// Sets a socket's value (`BPF_MAP_UPDATE_ELEM`).
    public func update(_ value: Value, for socket: Int32) throws(BPFError) { try handle.update(value, for: socket) }

    /// Sets a socket's value if it has none (`BPF_NOEXIST`).
    ///
    /// - Returns: whether it was set.
    public func insert(_ value: Value, for socket: Int32) throws(BPFError) -> Bool {
        try handle.update(value, for: socket, flags: UInt64(BPF_NOEXIST))
    }

    /// Removes a socket's value (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether it had one.
    @discardableResult
    public func removeValue(for socket: Int32) throws(BPFError) -> Bool { try handle.delete(key: socket) }
}
