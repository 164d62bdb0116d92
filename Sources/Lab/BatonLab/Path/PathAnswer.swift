// SPDX-License-Identifier: Apache-2.0

import PathEmulator

/// The lines that the emulator's process answers with.
enum PathAnswer {
    private struct Line: Encodable {
        var schema = 1
        var event: String
        var stage: Int?
        var message: String?
    }

    /// Prints an event as one JSON line.
    static func print(_ event: EmulatorEvent) throws {
        switch event {
        case .begun: try JSONLine.print(Line(event: "begun"))
        case .started: try JSONLine.print(Line(event: "started"))
        case .stage(let stage): try JSONLine.print(Line(event: "stage", stage: stage))
        case .rejected(let message): try JSONLine.print(Line(event: "error", message: message))
        case .report(let report): try JSONLine.print(report)
        }
    }

    /// Encodes one of each in vain: the first time takes milliseconds, in which packets would wait.
    static func warmUp() throws {
        _ = try JSONLine.encode(Line(event: "begun", stage: 0, message: ""))
        _ = try JSONLine.encode(
            PathReport(
                elapsedNanoseconds: 0, forward: DirectionReport(), backward: DirectionReport(), maxStallNanoseconds: 0))
    }
}
