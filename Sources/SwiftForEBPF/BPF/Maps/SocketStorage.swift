// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A value for each socket, freed with it: `BPF_MAP_TYPE_SK_STORAGE` (Linux 5.2).
///
/// A socket is given by its file descriptor in this process.
public struct SocketStorage<Value: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle

    /// The descriptor's number.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if the map is of another type, or its values have another size.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        handle = try MapHandle(
            descriptor, name: name, types: [.socketStorage], key: .init(Int32.self), value: .init(Value.self))
    }

    /// A socket's value (`BPF_MAP_LOOKUP_ELEM`).
    ///
    /// - Returns: `nil` if it has none.
    /// - Throws: `system` (ENOTSOCK) if this is no socket.
    public func value(for socket: Int32) throws(BPFError) -> Value? { try handle.value(for: socket, as: Value.self) }

    /// Gives a socket a value, or replaces it (`BPF_MAP_UPDATE_ELEM`).
    public func update(_ value: Value, for socket: Int32) throws(BPFError) { try handle.update(value, for: socket) }

    /// Gives a socket a value unless it has one (`BPF_NOEXIST`).
    ///
    /// - Returns: whether it had none.
    public func insert(_ value: Value, for socket: Int32) throws(BPFError) -> Bool {
        try handle.update(value, for: socket, flags: UInt64(BPF_NOEXIST))
    }

    /// Takes a socket's value away (`BPF_MAP_DELETE_ELEM`).
    ///
    /// - Returns: whether it had one.
    @discardableResult
    public func removeValue(for socket: Int32) throws(BPFError) -> Bool { try handle.delete(key: socket) }
}
