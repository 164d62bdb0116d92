// SPDX-License-Identifier: Apache-2.0

/// A drop-tail queue of so many bytes before a line of so many bits per second.
///
/// No packets are stored here: the moment at which the line falls free *is* the queue, since backlog = (free − now) ×
/// rate. That moment is kept as whole nanoseconds plus a fraction with the rate as its denominator, so that a million
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
    ///   - bitsPerSecond: rate of the line; 0 is no limit, and then no queue either.
    ///   - queueBytes: room of the queue, the packet being sent included.
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

    /// Takes a packet in at `now`.
    ///
    /// - Returns: the moment at which its last bit has left, in nanoseconds (rounded down), or nil if it did not fit
    ///   into the queue and is dropped.
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

    /// Takes in a packet that was in the queue before a change of the line: it keeps its room however small the queue
    /// has become.
    ///
    /// - Returns: the moment at which its last bit leaves, in nanoseconds (rounded down).
    package mutating func readmit(bytes: Int) -> Int64 {
        occupy(units: Int64(bytes) * byteUnits)
    }

    /// Changes rate and queue at `moment`, with a packet half-way out whose remaining bits leave at the new rate. The
    /// packets behind it are then to be readmitted in their order.
    ///
    /// - Parameters:
    ///   - bitsPerSecond: as in `init`.
    ///   - queueBytes: as in `init`.
    ///   - moment: not before the last admission.
    ///   - bytesBehind: of the packets that wait behind the one that is being sent.
    /// - Returns: the moment at which the last bit of the packet that is being sent leaves, in nanoseconds (what is left
    ///   of it is rounded up to the new line's unit, less than a nanosecond).
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

    /// The largest backlog since the last call, in bytes (rounded up), the packet being sent included.
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
