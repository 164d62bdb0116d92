// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A map's definition, as the loader reads it from the section `.maps`. A tuple, because a constant global may hold
/// nothing else; `bpfc` describes it in the object's BTF, and the user side checks the sizes against its own types.
///
/// - type: `enum bpf_map_type`, written as a number because a constant global can't refer to another constant:
///   1 hash, 2 array, 6 per-CPU array, 9 LRU hash, 24 socket storage, 27 ring buffer.
/// - keySize, valueSize: bytes; 0 for a ring buffer.
/// - maxEntries: entries, or bytes for a ring buffer; 0 where the kernel wants none.
/// - flags: `BPF_F_…`.
typealias MapDefinition = (type: UInt64, keySize: UInt64, valueSize: UInt64, maxEntries: UInt64, flags: UInt64)

/// A key-value map: `BPF_MAP_TYPE_HASH`, `_LRU_HASH`, `_ARRAY`, `_PERCPU_ARRAY`.
struct KeyValueMap<Key, Value> {
    let definition: UnsafePointer<MapDefinition>

    /// Calls `body` with the value in place, or returns `nil` if there is none (`bpf_map_lookup_elem`).
    @inline(__always)
    subscript(key: Key) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: key) { bpf_map_lookup_elem(definition, $0)?.assumingMemoryBound(to: Value.self) }
    }

    /// Adds an entry unless the key has one already (`BPF_NOEXIST`); atomic among CPUs.
    ///
    /// - Returns: whether it was added.
    @inline(__always)
    func insert(_ value: Value, for key: Key) -> Bool {
        withUnsafePointer(to: key) { key in
            withUnsafePointer(to: value) { bpf_map_update_elem(definition, key, $0, UInt64(BPF_NOEXIST)) == 0 }
        }
    }

    /// Removes the entry, if there is one (`bpf_map_delete_elem`).
    @inline(__always)
    func remove(_ key: Key) {
        _ = withUnsafePointer(to: key) { bpf_map_delete_elem(definition, $0) }
    }
}

/// A value for each socket, freed with it: `BPF_MAP_TYPE_SK_STORAGE`.
struct SocketStorage<Value> {
    let definition: UnsafePointer<MapDefinition>

    /// The socket's value, if it has one (`bpf_sk_storage_get`).
    @inline(__always)
    subscript(socket: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Value>? {
        bpf_sk_storage_get(definition, socket, nil, 0)?.assumingMemoryBound(to: Value.self)
    }

    /// Gives the socket a value, or returns `nil` if the kernel has no memory for it (`BPF_SK_STORAGE_GET_F_CREATE`).
    @inline(__always)
    func create(_ value: Value, for socket: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Value>? {
        withUnsafePointer(to: value) {
            bpf_sk_storage_get(definition, socket, $0, UInt64(BPF_SK_STORAGE_GET_F_CREATE))?.assumingMemoryBound(
                to: Value.self)
        }
    }

    /// Takes the socket's value away (`bpf_sk_storage_delete`).
    @inline(__always)
    func remove(_ socket: UnsafeMutableRawPointer) {
        _ = bpf_sk_storage_delete(definition, socket)
    }
}

/// A buffer of records for user space: `BPF_MAP_TYPE_RINGBUF`.
struct RingBuffer<Record> {
    let definition: UnsafePointer<MapDefinition>

    /// Hands a copy of the record over; it is lost if the buffer is full (`bpf_ringbuf_output`).
    @inline(__always)
    func output(_ record: inout Record) {
        _ = withUnsafePointer(to: &record) {
            bpf_ringbuf_output(definition, $0, UInt64(MemoryLayout<Record>.size), 0)
        }
    }
}
