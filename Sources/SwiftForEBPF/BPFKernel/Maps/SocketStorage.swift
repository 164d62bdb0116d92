// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// `BPF_MAP_TYPE_SK_STORAGE`: a value for each socket, which is freed together with the socket.
public struct SocketStorage<Value> {
    private var definition: MapDefinition

    /// Declares the map. It has no capacity: any number of sockets can have a value.
    @inline(__always)
    public init() {
        // The kernel requires BPF_F_NO_PREALLOC and a capacity of 0.
        definition = MapDefinition(BPF_MAP_TYPE_SK_STORAGE, maxEntries: 0, flags: 1)
    }

    /// A pointer to the socket's value (`bpf_sk_storage_get`); `nil` if it has none.
    @inline(__always)
    public subscript(socket: some SocketReference) -> UnsafeMutablePointer<Value>? {
        mutating get {
            withUnsafePointer(to: &self) {
                bpf_sk_storage_get($0, socket.address, nil, 0)?.assumingMemoryBound(to: Value.self)
            }
        }
    }

    /// Creates the socket's value if it has none (`bpf_sk_storage_get` with `BPF_SK_STORAGE_GET_F_CREATE`).
    ///
    /// - Parameters:
    ///   - value: the initial value, which is copied.
    ///   - socket: the socket.
    /// - Returns: a pointer to the new or existing value; `nil` if the kernel can't allocate it.
    @inline(__always)
    public mutating func create(_ value: Value, for socket: some SocketReference) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: value) { value in
            withUnsafePointer(to: &self) {
                bpf_sk_storage_get($0, socket.address, value, UInt64(BPF_SK_STORAGE_GET_F_CREATE))?
                    .assumingMemoryBound(to: Value.self)
            }
        }
    }

    /// Creates the socket's value, filled with zeros, if it has none. Use it for a value that is too large for the
    /// stack.
    ///
    /// - Returns: a pointer to the new or existing value; `nil` if the kernel can't allocate it.
    @inline(__always)
    public mutating func createZeroed(for socket: some SocketReference) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: &self) {
            bpf_sk_storage_get($0, socket.address, nil, UInt64(BPF_SK_STORAGE_GET_F_CREATE))?
                .assumingMemoryBound(to: Value.self)
        }
    }

    /// Removes the socket's value (`bpf_sk_storage_delete`).
    @inline(__always)
    public mutating func remove(_ socket: some SocketReference) {
        _ = withUnsafePointer(to: &self) { bpf_sk_storage_delete($0, socket.address) }
    }
}

/// A reference to a full socket.
public protocol SocketReference {
    /// The address: a `struct bpf_sock *` or `struct sock *`.
    var address: UnsafeMutableRawPointer { get }
}
