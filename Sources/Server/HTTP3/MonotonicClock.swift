// SPDX-License-Identifier: Apache-2.0

import CNgtcp2

/// The clock of everything in this module: CLOCK_MONOTONIC in nanoseconds, which is also what ngtcp2 is told.
enum MonotonicClock {
    static func now() -> UInt64 { cngtcp2_monotonic_ns() }
}
