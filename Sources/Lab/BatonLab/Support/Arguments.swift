// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Scenarios

// On the command line quantities are written as in a scenario.
extension TimeSpan: ExpressibleByArgument {}
extension BitRate: ExpressibleByArgument {}
extension ByteCount: ExpressibleByArgument {}
extension QueueSize: ExpressibleByArgument {}
extension Probability: ExpressibleByArgument {}
extension Load: ExpressibleByArgument {}
extension Scenario.Client: ExpressibleByArgument {}

/// Checks of values that several commands take, to be made before anything of the machine is looked up.
enum Arguments {
    /// What the lab sets up, as in a scenario's file.
    static let congestionControls = ["cubic", "reno", "bbr"]
    /// What `baton serve` takes (ns).
    private static let idleTimeouts: ClosedRange<Int64> = 100_000_000...600_000_000_000

    static func check(congestionControl: String) throws {
        guard congestionControls.contains(congestionControl) else {
            throw ValidationError(
                "--congestion-control '\(congestionControl)' is none of \(congestionControls.joined(separator: ", "))")
        }
    }

    static func check(idleTimeout: TimeSpan) throws {
        guard idleTimeouts.contains(idleTimeout.nanoseconds) else {
            throw ValidationError("--idle-timeout \(idleTimeout) is not within 100ms…600s")
        }
    }
}
