// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator
import Scenarios

/// A wait that a signal ends.
enum Pause {
    /// - Throws: `Interruption` at a signal.
    static func wait(_ time: TimeSpan, signals: SignalDescriptor) throws {
        let deadline = MonotonicClock.now() + time.nanoseconds
        while true {
            let rest = deadline - MonotonicClock.now()
            guard rest > 0 else { return }
            var descriptor = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
            _ = clinux_poll(&descriptor, 1, rest)
            if let signal = signals.next() { throw Interruption(signal: signal) }
        }
    }
}

/// The time of day.
enum WallClock {
    /// Seconds since 1970.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
