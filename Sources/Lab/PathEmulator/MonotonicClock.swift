// SPDX-License-Identifier: Apache-2.0

import Glibc

/// CLOCK_MONOTONIC in nanoseconds: the clock of the emulator's due times and of every duration that is reported.
package enum MonotonicClock {
    /// Now, in nanoseconds since an arbitrary moment (boot).
    @inline(__always)
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
