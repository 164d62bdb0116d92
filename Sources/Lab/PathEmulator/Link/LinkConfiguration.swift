// SPDX-License-Identifier: Apache-2.0

/// What one direction of the path does to packets.
package struct LinkConfiguration: Codable, Equatable, Sendable {
    /// Rate of the bottleneck in bits of IP packets per second; 0 is unlimited, without a queue.
    package var bitsPerSecond: Int64
    /// Propagation delay in nanoseconds, from the moment the packet's last bit has left the queue.
    package var delayNanoseconds: Int64
    /// Capacity of the drop-tail queue in bytes, including the packet being sent.
    package var queueBytes: Int64
    /// Which packets are lost before the queue; as with netem, they take none of the rate.
    package var loss: LossModel
    /// Each packet is delayed by 0 to this many nanoseconds more, uniformly distributed; no packet overtakes another.
    package var jitterNanoseconds: Int64
    /// Packets that are marked Congestion Experienced (RFC 3168) if they are ECN-capable; nil: none.
    package var marked: PacketRange?

    package init(
        bitsPerSecond: Int64, delayNanoseconds: Int64, queueBytes: Int64, loss: LossModel = .none,
        jitterNanoseconds: Int64 = 0, marked: PacketRange? = nil
    ) {
        self.bitsPerSecond = bitsPerSecond
        self.delayNanoseconds = delayNanoseconds
        self.queueBytes = queueBytes
        self.loss = loss
        self.jitterNanoseconds = jitterNanoseconds
        self.marked = marked
    }

    enum CodingKeys: String, CodingKey {
        case bitsPerSecond = "rate_bits_per_second"
        case delayNanoseconds = "delay_ns"
        case queueBytes = "queue_bytes"
        case loss
        case jitterNanoseconds = "jitter_ns"
        case marked = "mark"
    }

    /// Why this cannot be emulated, with the value; nil if it can.
    package var objection: String? {
        if bitsPerSecond < 0 || bitsPerSecond > 100_000_000_000 {
            return "rate \(bitsPerSecond) bit/s is not within 0…100 Gbit/s"
        }
        if delayNanoseconds < 0 || delayNanoseconds > 60_000_000_000 {
            return "delay \(delayNanoseconds) ns is not within 0…60 s"
        }
        if bitsPerSecond > 0 && (queueBytes < 1500 || queueBytes > 1 << 30) {
            return "queue of \(queueBytes) bytes is not within 1500 bytes (one packet)…1 GiB"
        }
        if jitterNanoseconds < 0 || jitterNanoseconds > 10_000_000_000 {
            return "jitter \(jitterNanoseconds) ns is not within 0…10 s"
        }
        return loss.objection ?? marked?.objection
    }

    /// When a packet whose last bit left the queue at `left` is due (ns), unless an earlier packet is due later.
    @inline(__always)
    func due(left: Int64, jitter place: UInt32) -> Int64 {
        left &+ delayNanoseconds &+ Jitter.nanoseconds(at: place, longest: jitterNanoseconds)
    }

    /// Bytes that the direction can hold at once: its queue and the line. Without a rate, that of 4 Gbit/s is assumed.
    package var bytesInFlight: Int64 {
        Int64(Self.bytesInFlight(throughout: [self]))
    }

    /// Bytes that a direction with these states can hold at once.
    ///
    /// A packet that left the fastest line may wait for one with the longest delay before it, so both maxima are
    /// combined.
    static func bytesInFlight(throughout stages: [LinkConfiguration]) -> Int {
        let rate = stages.map { $0.bitsPerSecond > 0 ? $0.bitsPerSecond : 4_000_000_000 }.max() ?? 0
        let delay = stages.map { $0.delayNanoseconds + $0.jitterNanoseconds }.max() ?? 0
        let queue = stages.map { $0.bitsPerSecond > 0 ? $0.queueBytes : 0 }.max() ?? 0
        let line = Int64(Double(rate) / 8e9 * Double(delay))
        return Int(min(line, 1 << 28) + queue)
    }
}

/// Packets of a direction by number: how many came before them since the path began.
package struct PacketRange: Codable, Equatable, Sendable {
    /// Number of the first one; 0 is the path's first packet.
    package var first: Int64
    /// How many, at least 1.
    package var count: Int64

    package init(first: Int64, count: Int64 = 1) {
        self.first = first
        self.count = count
    }

    /// Why this is not a valid range, with the value; nil if it is.
    package var objection: String? {
        if first < 0 { return "first packet \(first) is not 0 or more" }
        return count < 1 ? "count of \(count) packets is not 1 or more" : nil
    }

    /// Whether the packet of this number is in the range.
    @inline(__always)
    package func contains(_ number: Int64) -> Bool { number >= first && number - first < count }
}
