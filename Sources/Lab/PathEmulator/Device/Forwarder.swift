// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Moves packets from one device through a link to the other device.
struct Forwarder: ~Copyable {
    /// Packets moved before the clock is read again, which bounds how stale the clock can be.
    private static let batch = 32
    /// Packets that `begin` discards at most, so that a sender that never pauses cannot block it: the capacity of the
    /// device's queue (txqueuelen).
    private static let discarded = 10_000

    var link: Link
    private let input: Int32
    private let output: Int32
    private let overflow: UnsafeMutableRawPointer

    init(from input: Int32, to output: Int32, link: consuming Link) {
        self.input = input
        self.output = output
        self.link = link
        overflow = .allocate(byteCount: PacketRing.largestPacket, alignment: 16)
    }

    deinit {
        overflow.deallocate()
    }

    /// Restarts the direction, and discards what waits in the device.
    mutating func begin(seed: UInt64) {
        for _ in 0..<Self.discarded {
            guard read(input, overflow, PacketRing.largestPacket) > 0 else { break }
        }
        link.begin(seed: seed)
    }

    /// Reads what the device has, up to one batch. A packet's arrival time is the time at which it is read.
    mutating func takeIn(at now: Int64) {
        for _ in 0..<Self.batch {
            guard let room = link.reserve() else {
                guard read(input, overflow, PacketRing.largestPacket) > 0 else { return }
                link.refuse()
                continue
            }
            let bytes = read(input, room, PacketRing.largestPacket)
            guard bytes > 0 else { return }
            link.take(bytes: bytes, at: now)
        }
    }

    /// Writes the packets that are due, up to one batch.
    mutating func putOut(at now: Int64) {
        for _ in 0..<Self.batch {
            guard let due = link.firstDue, due <= now else { return }
            let packet = link.first
            let accepted = write(output, packet.baseAddress, packet.count) == packet.count
            link.putOut(at: now, accepted: accepted)
        }
    }
}
