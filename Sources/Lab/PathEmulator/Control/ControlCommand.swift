// SPDX-License-Identifier: Apache-2.0

/// A command on the emulator's standard input, one per line.
package enum ControlCommand: Equatable, Sendable {
    /// `begin SEED`: empties the path and returns to the first stage, with the seed's random sequences from their start
    /// and all counters at zero.
    case begin(seed: UInt64)
    /// `start`: timed stages count from now.
    case start
    /// `stage N`: enters a stage of the plan at once; 0 is the first.
    case stage(Int)
    /// `report`: prints the counters, like SIGUSR1.
    case report

    /// Why a line is not a command.
    package struct Objection: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - line: without its newline; words are separated by spaces.
    ///   - stages: number of stages of the plan.
    /// - Throws: `Objection` that names the line and what was expected.
    package init(_ line: String, stages: Int) throws(Objection) {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("begin", 2):
            guard let seed = UInt64(words[1]) else {
                throw Objection(description: "'\(line)': the seed is a whole number from 0 to \(UInt64.max)")
            }
            self = .begin(seed: seed)
        case ("start", 1):
            self = .start
        case ("stage", 2):
            guard let stage = Int(words[1]), (0..<stages).contains(stage) else {
                throw Objection(description: "'\(line)': the plan's stages are 0…\(stages - 1)")
            }
            self = .stage(stage)
        case ("report", 1):
            self = .report
        default:
            throw Objection(description: "'\(line)' is not 'begin SEED', 'start', 'stage N' or 'report'")
        }
    }
}

/// The emulator's answer to a control line or to SIGUSR1.
package enum EmulatorEvent: Equatable, Sendable {
    /// The path was emptied and restarted.
    case begun
    /// Timed stages count from now.
    case started
    /// The path entered this stage on request. Timed stages begin without an event.
    case stage(Int)
    /// The counters since the previous report, or since the path began.
    case report(PathReport)
    /// A control line was not understood: why.
    case rejected(String)
}
