// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
import Scenarios

/// The path emulator's process, and the run's side of its protocol.
struct EmulatedPath {
    /// The line that says that the devices exist.
    private struct Ready: Decodable {
        let real_time: Bool
    }

    let process: ChildProcess
    /// Whether the kernel granted it real-time scheduling.
    let realTime: Bool
    private let signals: SignalDescriptor

    /// Starts the emulator between two namespaces and waits until its devices exist.
    init(
        server: LabNamespace, client: LabNamespace, plan: PathPlan, seed: UInt64, log: String,
        signals: SignalDescriptor, _ teardown: Teardown
    ) throws {
        let command = [
            Executable.path, "path",
            "--first", "\(server.namespace.name):\(server.device)", "--second",
            "\(client.namespace.name):\(client.device)",
            "--plan", try JSONLine.encode(plan), "--seed", "\(seed)",
        ]
        let process = try ChildProcess("the path emulator", command, diagnostics: .log(log))
        teardown.add("the path emulator") { process.stop() }
        guard let line = try process.nextLine(within: TimeSpan(nanoseconds: 10_000_000_000), signals: signals) else {
            throw LabError("the path emulator ended with status \(process.stop())\(process.logTail)")
        }
        realTime = try JSONLine.decode(Ready.self, from: line, of: process.name).real_time
        self.process = process
        self.signals = signals
    }

    /// Empties the path, returns it to its first state, and restarts its random sequences.
    func begin(seed: UInt64) throws {
        try ask("begin \(seed)", expecting: "begun")
    }

    /// Starts the clock of the timed states.
    func start() throws {
        try ask("start", expecting: "started")
    }

    /// Puts the path into a state of its plan; 0 is the first.
    func enter(stage: Int) throws {
        try ask("stage \(stage)", expecting: "stage")
    }

    private func ask(_ line: String, expecting event: String) throws {
        struct Answer: Decodable {
            let event: String
        }
        process.write(line + "\n")
        guard let answer = try process.nextLine(within: TimeSpan(nanoseconds: 5_000_000_000), signals: signals) else {
            throw LabError("the path emulator ended with status \(process.stop())\(process.logTail)")
        }
        guard try JSONLine.decode(Answer.self, from: answer, of: process.name).event == event else {
            throw LabError("the path emulator answered '\(line)' with \(answer)")
        }
    }

    /// The counters since the last call.
    func takeReport() throws -> PathReport {
        process.send(SIGUSR1)
        guard let line = try process.nextLine(within: TimeSpan(nanoseconds: 5_000_000_000), signals: signals) else {
            throw LabError(
                "the path emulator ended with status \(process.stop()) in the middle of a run\(process.logTail)")
        }
        return try JSONLine.decode(PathReport.self, from: line, of: process.name)
    }
}

/// A scenario's path as a plan for the emulator.
struct ScenarioPlan {
    let plan: PathPlan
    /// The state that begins at the cut; nil: the path doesn't change then.
    let cutStage: Int?

    init(_ scenario: Scenario) {
        var stages = [PathPlan.Stage(forward: scenario.down, backward: scenario.up)]
        var cut: Int?
        for change in scenario.changes {
            switch change.moment {
            case .cut:
                cut = stages.count
                stages.append(PathPlan.Stage(forward: change.down, backward: change.up))
            case .afterConnect(let time):
                stages.append(
                    PathPlan.Stage(afterStartNanoseconds: time.nanoseconds, forward: change.down, backward: change.up))
            }
        }
        plan = PathPlan(stages: stages)
        cutStage = cut
    }
}
