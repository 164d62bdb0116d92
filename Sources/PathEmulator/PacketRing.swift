// SPDX-License-Identifier: Apache-2.0

/// The packets on the line, first in first out, in one preallocated buffer.
///
/// Each packet lies in one piece after a header of 16 bytes. A packet may begin anywhere before `capacity` and run over
/// it into a tail that is kept for this, so no packet is ever split and none is ever copied twice.
package struct PacketRing: ~Copyable {
    /// Size of the largest packet that `reserve` has room for, in bytes.
    package static let largestPacket = 65_536
    private static let headerBytes = 16
    private static let alignment = 16

    private let memory: UnsafeMutableRawBufferPointer
    private let capacity: Int
    private var readOffset = 0
    private var writeOffset = 0
    /// Packets in the ring.
    package private(set) var count = 0

    /// - Parameter bytesInFlight: bytes of packets that must fit. The headers of small packets are allowed for: a packet
    ///   of 40 bytes, the smallest that TCP sends, takes 64.
    package init(bytesInFlight: Int) {
        let wanted = bytesInFlight * 2 + 2 * Self.largestPacket
        capacity = (wanted + Self.alignment - 1) / Self.alignment * Self.alignment
        memory = .allocate(
            byteCount: capacity + Self.headerBytes + Self.largestPacket + Self.alignment, alignment: Self.alignment)
        // touched now, so that no page fault delays a packet
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        memory.deallocate()
    }

    /// Room for the next packet, `largestPacket` bytes; nil if the ring is full. Nothing is taken until `commit`.
    @inline(__always)
    package func reserve() -> UnsafeMutableRawPointer? {
        if count > 0 && writeOffset <= readOffset {
            let needed = Self.headerBytes + Self.largestPacket + Self.alignment
            guard readOffset - writeOffset >= needed else { return nil }
        }
        return memory.baseAddress! + writeOffset + Self.headerBytes
    }

    /// Takes the packet that was written to `reserve()`'s room: `bytes` long, to leave at `due` (ns).
    @inline(__always)
    package mutating func commit(bytes: Int, due: Int64) {
        let header = memory.baseAddress! + writeOffset
        header.storeBytes(of: due, as: Int64.self)
        header.storeBytes(of: Int64(bytes), toByteOffset: 8, as: Int64.self)
        writeOffset = offset(after: writeOffset, bytes: bytes)
        count += 1
    }

    /// When the oldest packet is due (ns); nil if there is none.
    @inline(__always)
    package var firstDue: Int64? {
        count > 0 ? (memory.baseAddress! + readOffset).load(as: Int64.self) : nil
    }

    /// The oldest packet. Valid until `removeFirst`; there must be one.
    @inline(__always)
    package var first: UnsafeRawBufferPointer {
        let header = memory.baseAddress! + readOffset
        let bytes = Int(header.load(fromByteOffset: 8, as: Int64.self))
        return UnsafeRawBufferPointer(start: header + Self.headerBytes, count: bytes)
    }

    /// Drops the oldest packet; there must be one.
    @inline(__always)
    package mutating func removeFirst() {
        readOffset = offset(after: readOffset, bytes: first.count)
        count -= 1
    }

    @inline(__always)
    private func offset(after offset: Int, bytes: Int) -> Int {
        let padded = (bytes + Self.alignment - 1) & ~(Self.alignment - 1)
        let next = offset + Self.headerBytes + padded
        return next < capacity ? next : 0
    }
}
