// SPDX-License-Identifier: Apache-2.0

import BPF
import Foundation

/// Converts the kernel's times, which are CLOCK_MONOTONIC, to the time of day, by a reading of both clocks. The reading
/// has to be recent: the difference changes when the clock is set or the machine sleeps.
struct WallClock {
    /// CLOCK_MONOTONIC, nanoseconds.
    let kernelNanoseconds: UInt64
    /// The same moment, milliseconds since 1970.
    let unixMilliseconds: Int64

    init() {
        kernelNanoseconds = KernelClock.nowNanoseconds
        unixMilliseconds = Int64(Date().timeIntervalSince1970 * 1000)
    }

    /// The local time of day of a CLOCK_MONOTONIC time: `12:00:01.123`.
    func timeOfDay(_ nanoseconds: UInt64) -> String {
        let elapsed = Int64(bitPattern: nanoseconds &- kernelNanoseconds)
        let time = unixMilliseconds + elapsed / 1_000_000
        var seconds = time_t(time / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return String(format: "%02d:%02d:%02d.%03d", parts.tm_hour, parts.tm_min, parts.tm_sec, Int(time % 1000))
    }
}
