// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Testing

/// How long tests wait for what happens sooner or later. No test depends on how fast the machine is: the limit only ends
/// a wait that would be in vain.
package enum Patience {
    package static let seconds = 120
    package static let limit = Duration.seconds(seconds)
    /// For calls that take a timeout.
    package static let milliseconds = Int32(seconds * 1000)

    /// Asks until the answer is yes, or the limit has passed. Blocks the thread.
    ///
    /// - Returns: the last answer.
    package static func until(_ holds: () throws -> Bool) rethrows -> Bool {
        let end = ContinuousClock.now + limit
        while true {
            if try holds() { return true }
            if ContinuousClock.now > end { return false }
            usleep(20_000)
        }
    }
}

/// Waits until something holds, and records an issue if the limit passes first.
package func waitUntil(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ holds: () throws -> Bool
) async throws {
    let end = ContinuousClock.now + Patience.limit
    while try !holds() {
        guard ContinuousClock.now < end else {
            Issue.record("waited \(Patience.seconds) s in vain: \(what)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
