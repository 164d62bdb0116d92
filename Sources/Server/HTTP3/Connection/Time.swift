// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// The clock of this module: CLOCK_MONOTONIC in nanoseconds. ngtcp2 gets the same times.
enum MonotonicClock {
    static func now() -> UInt64 { cngtcp2_monotonic_ns() }
}

extension Duration {
    /// The duration in nanoseconds; 0 if it is negative.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return UInt64.max / 2 }
        return min(product, UInt64.max / 2) + UInt64(attoseconds) / 1_000_000_000
    }
}
