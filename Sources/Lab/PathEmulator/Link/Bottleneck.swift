// SPDX-License-Identifier: Apache-2.0

/// A drop-tail queue, limited in bytes, in front of a line with a rate.
///
/// No packets are stored here: the moment at which the line becomes free *is* the queue, since backlog = (free − now) ×
/// rate. That moment is kept as whole nanoseconds plus a fraction whose denominator is the rate, so that a million
/// packets take exactly a million times one packet's time, at any rate.
package struct Bottleneck: Sendable {
    /// A byte takes `byteUnits / unitsPerNanosecond` nanoseconds: 8 × 10⁹ / rate, reduced.
    private let byteUnits: Int64
    private let unitsPerNanosecond: Int64
    private let queueUnits: Int128
    private var worstBacklogBeforeChange: Int64 = 0
    private var freeAtNanoseconds: Int64 = .min
    private var freeAtFraction: Int64 = 0
    private var worstBacklogUnits: Int128 = 0

    /// - Parameters:
    ///   - bitsPerSecond: rate of the line; 0 is unlimited, without a queue.
    ///   - queueBytes: capacity of the queue, including the packet being sent.
    package init(bitsPerSecond: Int64, queueBytes: Int64) {
        let bitNanoseconds: Int64 = 8_000_000_000
        guard bitsPerSecond > 0 else {
            (byteUnits, unitsPerNanosecond, queueUnits) = (0, 1, 0)
            return
        }
        let divisor = Self.greatestCommonDivisor(bitNanoseconds, bitsPerSecond)
        byteUnits = bitNanoseconds / divisor
        unitsPerNanosecond = bitsPerSecond / divisor
        queueUnits = Int128(queueBytes) * Int128(byteUnits)
    }

    /// Enqueues a packet at `now`.
    ///
    /// - Returns: the moment at which its last bit has left, in nanoseconds (rounded down); nil if the queue is full
    ///   and the packet is dropped.
    package mutating func admit(bytes: Int, at now: Int64) -> Int64? {
        guard byteUnits > 0 else { return now }
        if freeAtNanoseconds < now {
            freeAtNanoseconds = now
            freeAtFraction = 0
        }
        let waiting = Int128(freeAtNanoseconds - now) * Int128(unitsPerNanosecond) + Int128(freeAtFraction)
        let packetUnits = Int64(bytes) * byteUnits
        let backlog = waiting + Int128(packetUnits)
        guard backlog <= queueUnits else { return nil }
        if backlog > worstBacklogUnits {
            worstBacklogUnits = backlog
        }
        return occupy(units: packetUnits)
    }

    /// Enqueues a packet that was in the queue before the line changed: it keeps its place however small the queue has
    /// become.
    ///
    /// - Returns: the moment at which its last bit leaves, in nanoseconds (rounded down).
    package mutating func readmit(bytes: Int) -> Int64 {
        occupy(units: Int64(bytes) * byteUnits)
    }

    /// Changes rate and queue at `moment`. The remaining bits of the packet that is being sent leave at the new rate.
    /// The caller must then readmit the packets behind it, in order.
    ///
    /// - Parameters:
    ///   - bitsPerSecond: as in `init`.
    ///   - queueBytes: as in `init`.
    ///   - moment: not before the last admission.
    ///   - bytesBehind: bytes of the packets behind the one that is being sent.
    /// - Returns: the moment at which the last bit of the packet that is being sent leaves, in nanoseconds. What
    ///   remains of the packet is rounded up to the new line's unit, which is less than a nanosecond.
    package mutating func change(
        toBitsPerSecond bitsPerSecond: Int64, queueBytes: Int64, at moment: Int64, bytesBehind: Int64
    ) -> Int64 {
        var changed = Bottleneck(bitsPerSecond: bitsPerSecond, queueBytes: queueBytes)
        changed.worstBacklogBeforeChange = takeWorstBacklogBytes()
        changed.freeAtNanoseconds = moment
        if freeAtNanoseconds >= moment && byteUnits > 0 {
            let waiting = Int128(freeAtNanoseconds - moment) * Int128(unitsPerNanosecond) + Int128(freeAtFraction)
            let remaining = max(0, waiting - Int128(bytesBehind) * Int128(byteUnits))
            let (units, rest) = (remaining * Int128(changed.byteUnits)).quotientAndRemainder(
                dividingBy: Int128(byteUnits))
            _ = changed.occupy(units: Int64(units + (rest > 0 ? 1 : 0)))
        }
        self = changed
        return freeAtNanoseconds
    }

    private mutating func occupy(units: Int64) -> Int64 {
        let (nanoseconds, fraction) = (units + freeAtFraction).quotientAndRemainder(dividingBy: unitsPerNanosecond)
        freeAtNanoseconds += nanoseconds
        freeAtFraction = fraction
        return freeAtNanoseconds
    }

    /// The largest backlog since the last call, in bytes (rounded up), including the packet being sent.
    package mutating func takeWorstBacklogBytes() -> Int64 {
        defer { (worstBacklogUnits, worstBacklogBeforeChange) = (0, 0) }
        guard byteUnits > 0 else { return worstBacklogBeforeChange }
        let worst = Int64((worstBacklogUnits + Int128(byteUnits) - 1) / Int128(byteUnits))
        return max(worst, worstBacklogBeforeChange)
    }

    private static func greatestCommonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
        var (larger, smaller) = (first, second)
        while smaller != 0 {
            (larger, smaller) = (smaller, larger % smaller)
        }
        return larger
    }
}
