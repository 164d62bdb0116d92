// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
package import PathEmulator
import Scenarios

/// All states of a path, as one argument of JSON.
package enum PlanArgument {
    /// - Throws: `ValidationError` that names the key and what is wrong with it.
    package static func parse(_ text: String) throws -> PathPlan {
        do {
            return try JSONDecoder().decode(PathPlan.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            throw ValidationError(message(of: error))
        }
    }

    private static func message(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(name(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context): "\(name(context.codingPath)) is not of type \(type)"
        case .valueNotFound(let type, let context): "\(name(context.codingPath)) is null, not of type \(type)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not JSON"
        case .dataCorrupted(let context): "\(name(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    /// A key's place in the JSON, such as `stages[1].forward.delay_ns`.
    private static func name(_ path: [any CodingKey]) -> String {
        path.reduce("") { text, key in
            key.intValue.map { "\(text)[\($0)]" } ?? (text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)")
        }
    }
}

// Quantities are written on the command line as in a scenario.
extension TimeSpan: ExpressibleByArgument {}
extension BitRate: ExpressibleByArgument {}
extension ByteCount: ExpressibleByArgument {}
extension QueueSize: ExpressibleByArgument {}
extension Probability: ExpressibleByArgument {}
extension Load: ExpressibleByArgument {}
extension Scenario.Client: ExpressibleByArgument {}

/// Checks of values that several commands take. Commands call them before they look up anything on the machine.
enum Arguments {
    /// The controls that the lab sets up, as in a scenario.
    static let congestionControls = ["cubic", "reno", "bbr"]
    /// The range of `baton serve`, nanoseconds.
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
