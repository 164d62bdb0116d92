// SPDX-License-Identifier: Apache-2.0

/// One direction of the path: loss, queue, line and delay. The caller passes the time; no device is touched here.
package struct Link: ~Copyable {
    /// How many of the packets lost at random a report lists.
    package static let namedDrops = 1000

    private let stages: [LinkConfiguration]
    private let stream: UInt64
    private var current: LinkConfiguration
    private var bottleneck: Bottleneck
    private var loss: PacketLoss
    private var jitter: Jitter
    private var ring: PacketRing

    /// Packets that arrived since `begin`.
    private var received: Int64 = 0
    private var lastArrival: Int64 = .min
    /// When the last packet that arrived is due; no later packet may be due earlier.
    private var lastDue: Int64 = .min
    /// When the last packet that was sent had left the queue.
    private var lastLeft: Int64 = .min

    private var report = DirectionReport()
    private var randomDropIndexes: [Int64] = []
    private var latenessSum: Int64 = 0
    private var queueDelaySum: Int64 = 0

    /// - Parameters:
    ///   - stages: the direction's states; it begins in the first.
    ///   - seed: random seed of the loss and the jitter.
    ///   - stream: 1, 2, …: selects the direction's own random sequences.
    package init(stages: [LinkConfiguration], seed: UInt64, stream: UInt64) {
        self.stages = stages
        self.stream = stream
        current = stages[0]
        ring = PacketRing(bytesInFlight: LinkConfiguration.bytesInFlight(throughout: stages))
        bottleneck = Bottleneck(bitsPerSecond: current.bitsPerSecond, queueBytes: current.queueBytes)
        loss = PacketLoss(current.loss, numbers: Self.lossNumbers(seed, stream))
        jitter = Jitter(numbers: Self.jitterNumbers(seed, stream))
        randomDropIndexes.reserveCapacity(Self.namedDrops)
    }

    /// Restarts: no packets, the first stage, the random sequences of `seed` from their start, all counters at zero.
    package mutating func begin(seed: UInt64) {
        current = stages[0]
        ring.removeAll()
        bottleneck = Bottleneck(bitsPerSecond: current.bitsPerSecond, queueBytes: current.queueBytes)
        loss = PacketLoss(current.loss, numbers: Self.lossNumbers(seed, stream))
        jitter = Jitter(numbers: Self.jitterNumbers(seed, stream))
        (received, lastArrival, lastDue, lastLeft) = (0, .min, .min, .min)
        randomDropIndexes.removeAll(keepingCapacity: true)
        _ = takeReport(deviceDrops: 0)
    }

    /// Enters a stage at `moment` (ns), or when the last packet arrived, whichever is later.
    ///
    /// Packets on the line arrive as before. What has not left the queue, including the rest of the packet that is
    /// being sent, leaves at the new rate and has the new delay and jitter, but overtakes nothing. A queue that has
    /// become too small keeps what is in it. Loss and jitter continue their random sequences.
    package mutating func enter(stage: Int, at moment: Int64) {
        let moment = max(moment, lastArrival)
        current = stages[stage]
        loss.become(current.loss)

        var waitingPackets = 0
        var bytesBehind: Int64 = 0
        ring.updateHeaders { header in
            guard header.left > moment else { return }
            bytesBehind += waitingPackets > 0 ? Int64(header.bytes) : 0
            waitingPackets += 1
        }
        var left = bottleneck.change(
            toBitsPerSecond: current.bitsPerSecond, queueBytes: current.queueBytes, at: moment, bytesBehind: bytesBehind
        )
        guard waitingPackets > 0 else { return }

        var isBehind = false
        var due: Int64 = .min
        let (next, line) = (current, ring.count - waitingPackets)
        var visited = 0
        ring.updateHeaders { header in
            visited += 1
            guard visited > line else {
                due = header.due
                return
            }
            if isBehind {
                left = bottleneck.readmit(bytes: Int(header.bytes))
            }
            isBehind = true
            header.left = left
            due = max(due, next.due(left: left, jitter: header.jitter))
            header.due = due
        }
        lastDue = due
    }

    /// A buffer for the next packet, of `PacketRing.largestPacket` bytes; nil if the ring is full.
    @inline(__always)
    package func reserve() -> UnsafeMutableRawPointer? { ring.reserve() }

    /// Takes the packet of this many bytes that was written to the buffer of `reserve()`, at `now` (ns).
    @inline(__always)
    package mutating func take(bytes: Int, at now: Int64) {
        lastArrival = now
        received += 1
        let place = jitter.draw()
        if loss.losesNext() {
            report.randomDrops += 1
            if randomDropIndexes.count < Self.namedDrops {
                randomDropIndexes.append(received - 1)
            }
            return
        }
        guard let left = bottleneck.admit(bytes: bytes, at: now) else {
            report.queueDrops += 1
            return
        }
        if let marked = current.marked, marked.contains(received - 1), let room = reserve(),
            CongestionMark.set(in: UnsafeMutableRawBufferPointer(start: room, count: bytes))
        {
            report.markedPackets = (report.markedPackets ?? 0) + 1
        }
        lastDue = max(lastDue, current.due(left: left, jitter: place))
        ring.commit(PacketHeader(due: lastDue, left: left, arrived: now, bytes: bytes, jitter: place))
    }

    /// Counts a packet for which the ring had no room.
    package mutating func refuse() {
        received += 1
        _ = jitter.draw()
        _ = loss.losesNext()
        report.ringDrops += 1
    }

    /// When the next packet is due (ns); nil if there is none.
    @inline(__always)
    package var firstDue: Int64? { ring.firstHeader?.due }

    /// The next packet. Valid until `putOut`; there must be one.
    @inline(__always)
    package var first: UnsafeRawBufferPointer { ring.first }

    /// Removes the next packet, of which there must be one.
    ///
    /// - Parameters:
    ///   - now: when it was sent (ns).
    ///   - accepted: whether the receiving device accepted it.
    @inline(__always)
    package mutating func putOut(at now: Int64, accepted: Bool) {
        guard let header = ring.firstHeader else { return }
        if accepted {
            report.packets += 1
            report.bytes += Int64(header.bytes)
        } else {
            report.writeErrors += 1
        }
        let late = now - header.due
        latenessSum += late
        report.maxLatenessNanoseconds = max(report.maxLatenessNanoseconds, late)
        if late > 1_000_000 {
            report.packetsOver1MillisecondLate += 1
        }
        // its first bit left when the packet before it had left
        let waited = max(lastLeft, header.arrived) - header.arrived
        lastLeft = header.left
        queueDelaySum += waited
        report.maxQueueDelayNanoseconds = max(report.maxQueueDelayNanoseconds, waited)
        ring.removeFirst()
    }

    /// The counters since the last call. The listed packets lost at random are those since `begin`.
    package mutating func takeReport(deviceDrops: Int64) -> DirectionReport {
        defer {
            report = DirectionReport()
            (latenessSum, queueDelaySum) = (0, 0)
        }
        let count = max(1, report.packets + report.writeErrors)
        report.maxBacklogBytes = bottleneck.takeWorstBacklogBytes()
        report.averageLatenessNanoseconds = latenessSum / count
        report.averageQueueDelayNanoseconds = queueDelaySum / count
        report.randomDropIndexes = randomDropIndexes
        report.deviceDrops = deviceDrops
        return report
    }

    private static func lossNumbers(_ seed: UInt64, _ stream: UInt64) -> RandomSequence {
        RandomSequence(seed: seed, stream: stream)
    }

    private static func jitterNumbers(_ seed: UInt64, _ stream: UInt64) -> RandomSequence {
        RandomSequence(seed: seed, stream: stream + 0x100)
    }
}
