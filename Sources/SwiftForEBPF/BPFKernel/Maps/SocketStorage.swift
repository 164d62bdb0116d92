// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// `BPF_MAP_TYPE_SK_STORAGE`: a value for each socket, freed with it.
public struct SocketStorage<Value> {
    private var definition: MapDefinition

    /// Holds values for any number of sockets.
    @inline(__always)
    public init() {
        // The kernel demands BPF_F_NO_PREALLOC, and no capacity.
        definition = MapDefinition(BPF_MAP_TYPE_SK_STORAGE, maxEntries: 0, flags: 1)
    }

    /// The socket's value, if it has one (`bpf_sk_storage_get`).
    @inline(__always)
    public subscript(socket: some SocketReference) -> UnsafeMutablePointer<Value>? {
        mutating get {
            withUnsafePointer(to: &self) {
                bpf_sk_storage_get($0, socket.address, nil, 0)?.assumingMemoryBound(to: Value.self)
            }
        }
    }

    /// Gives the socket a value unless it has one (`BPF_SK_STORAGE_GET_F_CREATE`).
    ///
    /// - Returns: the socket's value in place; `nil` if the kernel has no memory for it.
    @inline(__always)
    public mutating func create(_ value: Value, for socket: some SocketReference) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: value) { value in
            withUnsafePointer(to: &self) {
                bpf_sk_storage_get($0, socket.address, value, UInt64(BPF_SK_STORAGE_GET_F_CREATE))?
                    .assumingMemoryBound(to: Value.self)
            }
        }
    }

    /// Gives the socket a value of zeros unless it has one: for what is too large for the stack.
    ///
    /// - Returns: the socket's value in place; `nil` if the kernel has no memory for it.
    @inline(__always)
    public mutating func createZeroed(for socket: some SocketReference) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: &self) {
            bpf_sk_storage_get($0, socket.address, nil, UInt64(BPF_SK_STORAGE_GET_F_CREATE))?
                .assumingMemoryBound(to: Value.self)
        }
    }

    /// Takes the socket's value away (`bpf_sk_storage_delete`).
    @inline(__always)
    public mutating func remove(_ socket: some SocketReference) {
        _ = withUnsafePointer(to: &self) { bpf_sk_storage_delete($0, socket.address) }
    }
}

/// Something that the kernel knows as a full socket.
public protocol SocketReference {
    /// `struct bpf_sock *` or `struct sock *`.
    var address: UnsafeMutableRawPointer { get }
}
