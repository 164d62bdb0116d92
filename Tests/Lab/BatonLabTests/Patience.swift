// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// How long tests wait. None depends on how fast the machine is: a limit only ends what would be in vain.
enum Patience {
    /// For what happens sooner or later.
    static let seconds = 120

    /// Asks until the answer is yes, or the limit has passed.
    ///
    /// - Returns: the last answer.
    static func until(_ holds: () throws -> Bool) rethrows -> Bool {
        let end = MonotonicClock.now() + Int64(seconds) * 1_000_000_000
        while true {
            if try holds() { return true }
            if MonotonicClock.now() > end { return false }
            usleep(20_000)
        }
    }

    /// Measures until a measurement counts, for ten minutes if need be: a busy machine keeps an emulator from its core, and
    /// sometimes the ends.
    ///
    /// - Parameter measure: nil, and why, if what was measured means nothing.
    static func measure<Value>(_ measure: () throws -> (value: Value?, why: String)) throws -> Value {
        let end = MonotonicClock.now() + 600_000_000_000
        var reasons: [String] = []
        repeat {
            let (value, why) = try measure()
            if let value { return value }
            reasons.append(why)
        } while MonotonicClock.now() < end
        throw LabSession.Failure(message: "no measurement of \(reasons.count) counts: \(reasons.suffix(3))")
    }
}
