// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One direction of the path: from a device, through loss, queue, line and delay, to the other device.
struct Link: ~Copyable {
    /// Packets moved before the clock is read again; bounds how stale the clock can be.
    private static let batch = 32

    private let input: Int32
    private let output: Int32
    private let delayNanoseconds: Int64
    private var bottleneck: Bottleneck
    private var loss: RandomLoss
    private var ring: PacketRing
    private let overflow: UnsafeMutableRawPointer
    private var report = DirectionReport()
    private var latenessSum: Int64 = 0

    init(from input: Int32, to output: Int32, configuration: LinkConfiguration, seed: UInt64, stream: UInt64) {
        self.input = input
        self.output = output
        delayNanoseconds = configuration.delayNanoseconds
        bottleneck = Bottleneck(bitsPerSecond: configuration.bitsPerSecond, queueBytes: configuration.queueBytes)
        // the burst model follows with its generator
        let probability = if case .random(let probability) = configuration.loss { probability } else { 0.0 }
        loss = RandomLoss(probability: probability, seed: seed, stream: stream)
        ring = PacketRing(bytesInFlight: Int(configuration.bytesInFlight))
        overflow = .allocate(byteCount: PacketRing.largestPacket, alignment: 16)
    }

    deinit {
        overflow.deallocate()
    }

    /// When the next packet is due (ns).
    var firstDue: Int64? { ring.firstDue }

    /// Reads what the device has, up to one batch. Packets carry the moment at which they are read.
    mutating func takeIn(at now: Int64) {
        for _ in 0..<Self.batch {
            guard let room = ring.reserve() else {
                guard read(input, overflow, PacketRing.largestPacket) > 0 else { return }
                report.ringDrops += 1
                continue
            }
            let bytes = read(input, room, PacketRing.largestPacket)
            guard bytes > 0 else { return }
            if loss.losesNext() {
                report.randomDrops += 1
                continue
            }
            guard let sent = bottleneck.admit(bytes: bytes, at: now) else {
                report.queueDrops += 1
                continue
            }
            ring.commit(bytes: bytes, due: sent + delayNanoseconds)
        }
    }

    /// Writes the packets that are due, up to one batch.
    mutating func putOut(at now: Int64) {
        for _ in 0..<Self.batch {
            guard let due = ring.firstDue, due <= now else { return }
            let packet = ring.first
            if write(output, packet.baseAddress, packet.count) == packet.count {
                report.packets += 1
                report.bytes += Int64(packet.count)
            } else {
                report.writeErrors += 1
            }
            let late = now - due
            latenessSum += late
            if late > report.maxLatenessNanoseconds {
                report.maxLatenessNanoseconds = late
            }
            if late > 1_000_000 {
                report.packetsOver1MillisecondLate += 1
            }
            ring.removeFirst()
        }
    }

    /// The counters since the last call.
    mutating func takeReport(deviceDrops: Int64) -> DirectionReport {
        defer {
            report = DirectionReport()
            latenessSum = 0
        }
        report.maxBacklogBytes = bottleneck.takeWorstBacklogBytes()
        report.averageLatenessNanoseconds = latenessSum / max(1, report.packets + report.writeErrors)
        report.deviceDrops = deviceDrops
        return report
    }
}
