// SPDX-License-Identifier: Apache-2.0

/// What a line on the emulator's standard input asks for.
package enum ControlCommand: Equatable, Sendable {
    /// `begin SEED`: empties the path and returns to the first stage, with the seed's sequences from their start and all
    /// counters at zero.
    case begin(seed: UInt64)
    /// `start`: timed stages count from now.
    case start
    /// `stage N`: enters a stage of the plan at once; 0 is the first.
    case stage(Int)
    /// `report`: the counters, as SIGUSR1.
    case report

    /// Why a line is not a command.
    package struct Objection: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - line: without its newline; words are separated by spaces.
    ///   - stages: how many the plan has.
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

/// What the emulator has to say: an answer to each control line, and to SIGUSR1.
package enum EmulatorEvent: Equatable, Sendable {
    /// The path began anew.
    case begun
    /// Timed stages count from now.
    case started
    /// The path entered this stage because it was told to. Timed stages begin in silence.
    case stage(Int)
    /// The counters since the report before, or since the path began.
    case report(PathReport)
    /// A control line that was not understood, and why.
    case rejected(String)
}
