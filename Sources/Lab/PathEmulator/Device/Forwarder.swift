// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Moves packets from one device through a link to the other device.
struct Forwarder: ~Copyable {
    /// Packets moved before the clock is read again; bounds how stale the clock can be.
    private static let batch = 32
    /// Packets that `begin` throws away at most, so that a sender that never rests cannot hold it up: what the device's
    /// queue holds (txqueuelen).
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

    /// Begins anew; what waits in the device is thrown away too.
    mutating func begin(seed: UInt64) {
        for _ in 0..<Self.discarded {
            guard read(input, overflow, PacketRing.largestPacket) > 0 else { break }
        }
        link.begin(seed: seed)
    }

    /// Reads what the device has, up to one batch. Packets carry the moment at which they are read.
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
