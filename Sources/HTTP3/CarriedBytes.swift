// SPDX-License-Identifier: Apache-2.0

/// What a path was seen to carry: the most bytes that were acknowledged within one round-trip time.
///
/// A congestion window says what may be in flight. After slow start has overshot, that is more than the path holds, until
/// the next loss tells.
package struct CarriedBytes {
    /// The most so far; 0 as long as no round trip has passed.
    package private(set) var most: UInt64 = 0
    private var acknowledged: UInt64 = 0
    private var start: UInt64?

    package init() {}

    /// Bytes of stream data were acknowledged.
    package mutating func acknowledge(_ count: UInt64) { acknowledged &+= count }

    /// Ends a round if one round-trip time has passed. What came in a longer one counts in proportion.
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
        most = max(most, UInt64(Double(acknowledged) * (Double(roundTrip) / Double(elapsed))))
        restart(at: time)
    }

    private mutating func restart(at time: UInt64) {
        start = time
        acknowledged = 0
    }
}
