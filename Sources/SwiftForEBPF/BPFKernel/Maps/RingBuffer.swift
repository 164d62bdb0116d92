// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// `BPF_MAP_TYPE_RINGBUF`: records for user space, in the order in which they were reserved on all CPUs (Linux 5.8).
public struct RingBuffer<Record> {
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameter byteCount: its size in bytes, a power of two and a multiple of the page size; a literal. Each record
    ///   takes 8 bytes more than its own size, rounded up to a multiple of 8.
    @inline(__always)
    public init(byteCount: UInt32) {
        definition = MapDefinition(BPF_MAP_TYPE_RINGBUF, maxEntries: byteCount, flags: 0)
    }

    /// Sends a copy of a record to user space (`bpf_ringbuf_output`).
    ///
    /// - Parameter record: isn't changed. It is `inout` to save stack, because passing it by value would copy it.
    /// - Returns: `false` if the buffer is full.
    @inline(__always)
    @discardableResult
    public mutating func output(_ record: inout Record) -> Bool {
        withUnsafePointer(to: &record) { record in
            withUnsafePointer(to: &self) { bpf_ringbuf_output($0, record, UInt64(MemoryLayout<Record>.size), 0) == 0 }
        }
    }

    /// Copies a record of another type into the buffer (`bpf_ringbuf_output`). So records of several types keep their order;
    /// each begins with a `Record`, by which the reader tells them apart.
    ///
    /// - Parameter record: stays as it is.
    /// - Returns: whether there was room.
    @inline(__always)
    @discardableResult
    public mutating func output<Other>(copying record: inout Other) -> Bool {
        withUnsafePointer(to: &record) { record in
            withUnsafePointer(to: &self) { bpf_ringbuf_output($0, record, UInt64(MemoryLayout<Other>.size), 0) == 0 }
        }
    }

    /// Room for a record of another type, which begins with a `Record` (`bpf_ringbuf_reserve`); as `reserve()`.
    ///
    /// - Returns: memory that nobody has written yet; `nil` if the buffer is full.
    @inline(__always)
    public mutating func reserve<Other>(_ type: Other.Type) -> UnsafeMutablePointer<Other>? {
        withUnsafePointer(to: &self) {
            bpf_ringbuf_reserve($0, UInt64(MemoryLayout<Other>.size), 0)?.assumingMemoryBound(to: Other.self)
        }
    }

    /// Hands over a reserved record of another type (`bpf_ringbuf_submit`).
    @inline(__always)
    public func submit<Other>(_ record: UnsafeMutablePointer<Other>) { bpf_ringbuf_submit(record, 0) }

    /// Reserves memory for a record, to be filled in place (`bpf_ringbuf_reserve`). Each path from here must call
    /// `submit` or `discard`, or the verifier refuses the program.
    ///
    /// - Returns: uninitialized memory; `nil` if the buffer is full.
    @inline(__always)
    public mutating func reserve() -> UnsafeMutablePointer<Record>? {
        withUnsafePointer(to: &self) {
            bpf_ringbuf_reserve($0, UInt64(MemoryLayout<Record>.size), 0)?.assumingMemoryBound(to: Record.self)
        }
    }

    /// Sends a reserved record to user space (`bpf_ringbuf_submit`).
    @inline(__always)
    public func submit(_ record: UnsafeMutablePointer<Record>) { bpf_ringbuf_submit(record, 0) }

    /// Discards a reserved record (`bpf_ringbuf_discard`).
    @inline(__always)
    public func discard(_ record: UnsafeMutablePointer<Record>) { bpf_ringbuf_discard(record, 0) }
}
