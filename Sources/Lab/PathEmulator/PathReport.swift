// SPDX-License-Identifier: Apache-2.0

/// What one direction of the path did since the last report.
package struct DirectionReport: Codable, Equatable, Sendable {
    /// Packets handed to the receiving device.
    package var packets: Int64 = 0
    /// Bytes of those packets, IP headers included.
    package var bytes: Int64 = 0
    /// Packets that the full queue dropped.
    package var queueDrops: Int64 = 0
    /// Packets lost before the queue: at random, in bursts, or by number.
    package var randomDrops: Int64 = 0
    /// Packets marked Congestion Experienced; nil: none.
    package var markedPackets: Int64?
    /// Packets lost because the emulator's own buffer was full: a fault of the emulator, not of the emulated path.
    package var ringDrops: Int64 = 0
    /// Packets that the receiving device refused.
    package var writeErrors: Int64 = 0
    /// Packets that the kernel dropped before the emulator could read them.
    package var deviceDrops: Int64 = 0
    /// Largest backlog of the queue (bytes).
    package var maxBacklogBytes: Int64 = 0
    /// Mean queueing delay of the packets that were sent (ns): from a packet's arrival until its first bit leaves the
    /// queue. It includes neither the packet's own serialisation, nor the propagation delay, nor the emulator's
    /// lateness.
    package var averageQueueDelayNanoseconds: Int64 = 0
    /// The longest queueing delay of the packets that were sent (ns).
    package var maxQueueDelayNanoseconds: Int64 = 0
    /// Mean lateness of packets (ns).
    package var averageLatenessNanoseconds: Int64 = 0
    /// Worst lateness of a packet (ns).
    package var maxLatenessNanoseconds: Int64 = 0
    /// Packets that left more than 1 ms late.
    package var packetsOver1MillisecondLate: Int64 = 0
    /// The numbers of the packets lost at random *since the path began* (not since the last report), at most the first
    /// 1000. A packet's number is how many came before it. The same for the same seed.
    package var randomDropIndexes: [Int64] = []

    package init() {}

    enum CodingKeys: String, CodingKey {
        case packets
        case bytes
        case queueDrops = "queue_drop_packets"
        case randomDrops = "random_drop_packets"
        case markedPackets = "marked_packets"
        case ringDrops = "ring_drop_packets"
        case writeErrors = "write_error_packets"
        case deviceDrops = "device_tx_drop_packets"
        case maxBacklogBytes = "max_backlog_bytes"
        case averageQueueDelayNanoseconds = "average_queue_delay_ns"
        case maxQueueDelayNanoseconds = "max_queue_delay_ns"
        case averageLatenessNanoseconds = "average_lateness_ns"
        case maxLatenessNanoseconds = "max_lateness_ns"
        case packetsOver1MillisecondLate = "over_1ms_late_packets"
        case randomDropIndexes = "random_drop_indexes"
    }
}

/// What the emulator did since the last report, and whether it can be trusted.
package struct PathReport: Codable, Equatable, Sendable {
    /// From this lateness on, times measured over the path are invalid.
    package static let spoilingLatenessNanoseconds: Int64 = 5_000_000

    /// Version of this record's layout.
    package var schema = 1
    /// `counters`.
    package var event = "counters"
    /// The path's state at the time of the report: index of the plan's stage.
    package var stage: Int
    /// Time that the report covers (ns).
    package var elapsedNanoseconds: Int64
    /// From the first device to the second.
    package var forward: DirectionReport
    /// From the second device to the first.
    package var backward: DirectionReport
    /// The longest time for which the emulator itself did not get to run (ns), whether or not a packet was due.
    package var maxStallNanoseconds: Int64
    /// Whether the emulator did not behave like the path it emulates; measurements of this period must be discarded.
    package var spoiled: Bool

    package init(
        stage: Int = 0, elapsedNanoseconds: Int64, forward: DirectionReport, backward: DirectionReport,
        maxStallNanoseconds: Int64
    ) {
        self.stage = stage
        self.elapsedNanoseconds = elapsedNanoseconds
        self.forward = forward
        self.backward = backward
        self.maxStallNanoseconds = maxStallNanoseconds
        let faults = [forward, backward].map { $0.ringDrops + $0.writeErrors + $0.deviceDrops }.reduce(0, +)
        let worst = max(forward.maxLatenessNanoseconds, backward.maxLatenessNanoseconds, maxStallNanoseconds)
        spoiled = faults > 0 || worst >= Self.spoilingLatenessNanoseconds
    }

    /// The worst lateness of the period (ns), of a packet or of the emulator itself.
    package var worstLatenessNanoseconds: Int64 {
        max(forward.maxLatenessNanoseconds, backward.maxLatenessNanoseconds, maxStallNanoseconds)
    }

    enum CodingKeys: String, CodingKey {
        case schema
        case event
        case stage
        case elapsedNanoseconds = "elapsed_ns"
        case forward
        case backward
        case maxStallNanoseconds = "max_stall_ns"
        case spoiled
    }
}
