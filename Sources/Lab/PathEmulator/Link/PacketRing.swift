// SPDX-License-Identifier: Apache-2.0

/// The header of a packet in the ring.
package struct PacketHeader: BitwiseCopyable {
    /// When it is due to be sent (ns).
    package var due: Int64
    /// When its last bit leaves the queue (ns).
    package var left: Int64
    /// When it arrived (ns).
    package let arrived: Int64
    /// Its size, including the IP header.
    package let bytes: Int32
    /// Its jitter, as drawn: see `Jitter`.
    package let jitter: UInt32

    package init(due: Int64, left: Int64, arrived: Int64, bytes: Int, jitter: UInt32) {
        self.due = due
        self.left = left
        self.arrived = arrived
        self.bytes = Int32(bytes)
        self.jitter = jitter
    }
}

/// The packets in the queue and on the line, first in first out, in one preallocated buffer.
///
/// Each packet is contiguous, after a header of 32 bytes. A packet may begin anywhere before `capacity` and extend into
/// a tail reserved for this, so no packet is split or copied twice.
package struct PacketRing: ~Copyable {
    /// The largest packet that fits into the buffer of `reserve` (bytes).
    package static let largestPacket = 65_536
    private static let headerBytes = MemoryLayout<PacketHeader>.stride
    private static let alignment = 16

    private let memory: UnsafeMutableRawBufferPointer
    private let capacity: Int
    private var readOffset = 0
    private var writeOffset = 0
    /// Packets in the ring.
    package private(set) var count = 0

    /// - Parameter bytesInFlight: bytes of packets that must fit, also if they are small: a packet of 40 bytes, the
    ///   smallest that TCP sends, takes 80 with its header.
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

    /// A buffer for the next packet, of `largestPacket` bytes; nil if the ring is full. Nothing is stored until
    /// `commit`.
    @inline(__always)
    package func reserve() -> UnsafeMutableRawPointer? {
        if count > 0 && writeOffset <= readOffset {
            let needed = Self.headerBytes + Self.largestPacket + Self.alignment
            guard readOffset - writeOffset >= needed else { return nil }
        }
        return memory.baseAddress! + writeOffset + Self.headerBytes
    }

    /// Stores the packet that was written to the buffer of `reserve()`.
    @inline(__always)
    package mutating func commit(_ header: PacketHeader) {
        (memory.baseAddress! + writeOffset).storeBytes(of: header, as: PacketHeader.self)
        writeOffset = offset(after: writeOffset, bytes: Int(header.bytes))
        count += 1
    }

    /// The oldest packet's header; nil if there is none.
    @inline(__always)
    package var firstHeader: PacketHeader? {
        count > 0 ? header(at: readOffset) : nil
    }

    /// The oldest packet. Valid until `removeFirst`; there must be one.
    @inline(__always)
    package var first: UnsafeRawBufferPointer {
        let start = memory.baseAddress! + readOffset + Self.headerBytes
        return UnsafeRawBufferPointer(start: start, count: Int(header(at: readOffset).bytes))
    }

    /// Drops the oldest packet; there must be one.
    @inline(__always)
    package mutating func removeFirst() {
        readOffset = offset(after: readOffset, bytes: Int(header(at: readOffset).bytes))
        count -= 1
    }

    /// Drops all packets.
    package mutating func removeAll() {
        (readOffset, writeOffset, count) = (0, 0, 0)
    }

    /// Lets `body` change every header, the oldest packet's first.
    package mutating func updateHeaders(_ body: (inout PacketHeader) -> Void) {
        var place = readOffset
        for _ in 0..<count {
            var header = header(at: place)
            body(&header)
            (memory.baseAddress! + place).storeBytes(of: header, as: PacketHeader.self)
            place = offset(after: place, bytes: Int(header.bytes))
        }
    }

    @inline(__always)
    private func header(at offset: Int) -> PacketHeader {
        (memory.baseAddress! + offset).load(as: PacketHeader.self)
    }

    @inline(__always)
    private func offset(after offset: Int, bytes: Int) -> Int {
        let padded = (bytes + Self.alignment - 1) & ~(Self.alignment - 1)
        let next = offset + Self.headerBytes + padded
        return next < capacity ? next : 0
    }
}
