// SPDX-License-Identifier: Apache-2.0

/// What a path was seen to carry: the most bytes that were acknowledged within one of the last three round-trip times,
/// and at least the bandwidth-delay product that the connection has reached.
///
/// A congestion window says what may be in flight. After slow start has overshot, the window is larger than what the
/// path holds, until the next loss corrects it.
package struct CarriedBytes {
    private var rounds: (UInt64, UInt64, UInt64) = (0, 0, 0)
    /// The highest rate of a round so far, bytes per nanosecond.
    private var bestRate = 0.0
    private var acknowledged: UInt64 = 0
    private var start: UInt64?

    package init() {}

    /// The bytes that the path carried in a round trip; 0 before the first round trip has passed.
    ///
    /// - Parameter minimumRoundTrip: the round-trip time without a queue, nanoseconds.
    package func most(minimumRoundTrip: UInt64) -> UInt64 {
        // A round in which a response ended says little, and so do three in which there was little to send.
        max(rounds.0, rounds.1, rounds.2, UInt64(bestRate * Double(minimumRoundTrip)))
    }

    /// Bytes of stream data were acknowledged.
    package mutating func acknowledge(_ count: UInt64) { acknowledged &+= count }

    /// Ends a round if one round-trip time has passed. The bytes of a longer round count in proportion.
    ///
    /// - Parameters:
    ///   - time: CLOCK_MONOTONIC, nanoseconds.
    ///   - roundTrip: the smoothed round-trip time, nanoseconds.
    package mutating func update(at time: UInt64, roundTrip: UInt64) {
        guard let start else {
            restart(at: time)
            return
        }
        let elapsed = time &- start
        guard roundTrip > 0, elapsed >= roundTrip else { return }
        let rate = Double(acknowledged) / Double(elapsed)
        rounds = (rounds.1, rounds.2, UInt64(rate * Double(roundTrip)))
        bestRate = max(bestRate, rate)
        restart(at: time)
    }

    private mutating func restart(at time: UInt64) {
        start = time
        acknowledged = 0
    }
}
