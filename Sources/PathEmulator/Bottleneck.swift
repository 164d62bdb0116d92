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
        let (nanoseconds, fraction) = (packetUnits + freeAtFraction).quotientAndRemainder(
            dividingBy: unitsPerNanosecond)
        freeAtNanoseconds += nanoseconds
        freeAtFraction = fraction
        return freeAtNanoseconds
    }

    /// The largest backlog since the last call, in bytes (rounded up), the packet being sent included.
    package mutating func takeWorstBacklogBytes() -> Int64 {
        guard byteUnits > 0 else { return 0 }
        defer { worstBacklogUnits = 0 }
        return Int64((worstBacklogUnits + Int128(byteUnits) - 1) / Int128(byteUnits))
    }

    private static func greatestCommonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
        var (larger, smaller) = (first, second)
        while smaller != 0 {
            (larger, smaller) = (smaller, larger % smaller)
        }
        return larger
    }
}
