// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Signals that are blocked for the process and read from a descriptor, so that none interrupts a step half-way.
package final class SignalDescriptor: Sendable {
    /// Readable while a signal is pending.
    package let descriptor: Int32

    /// Call it before other threads exist, which inherit the signal mask.
    ///
    /// - Throws: `LinuxError` if signalfd(2) fails.
    package init(_ signals: [Int32]) throws {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals {
            sigaddset(&set, signal)
        }
        descriptor = clinux_signal_descriptor(&set)
        guard descriptor >= 0 else { throw LinuxError(call: "signalfd(2)", subject: "signals \(signals)") }
    }

    deinit {
        close(descriptor)
    }

    /// The number of the next signal; nil if none is pending.
    package func next() -> Int32? {
        let number = clinux_read_signal(descriptor)
        return number > 0 ? number : nil
    }
}
