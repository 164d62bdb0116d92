// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Measurements
import PathEmulator
import Scenarios

/// Measures scenarios.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Measure scenarios, each with all its treatments.",
        discussion: """
            Results go into a directory: results.jsonl has one line per measurement, and series/ has each connection's \
            state over time, for the first round. ^C keeps what was measured, and --resume continues. A measurement is \
            repeated if the path emulator was late or lost packets of its own: the path was then not the one that was \
            asked for. The spoiled attempt is recorded, and never counts.

            Exit status 1 also if every attempt at a measurement was spoiled.
            """)

    @Argument(
        help: ArgumentHelp("Scenarios of the catalogue (`baton-lab list`), or scenario files.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("All scenarios of a set: readme, quick.", valueName: "name"))
    var set: String?

    @Option(
        help: ArgumentHelp(
            "How many times to measure each treatment (default: what the scenario says).", valueName: "number"))
    var `repeat`: Int?

    @Option(help: ArgumentHelp("Random seed of the paths' loss and jitter.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Only these treatments, such as stock,careful.", valueName: "names"))
    var treatments: String?

    @Option(help: ArgumentHelp("Where the results go (default: lab-results/TIME).", valueName: "directory"))
    var results: String?

    @Flag(help: "Continue a run that was interrupted.")
    var resume = false

    @Option(help: ArgumentHelp("How many times to try a measurement that the emulator spoils.", valueName: "number"))
    var attempts = 3

    @Flag(help: "Run in a virtual machine whose clock doesn't depend on how busy this machine is. Much slower.")
    var virtualTime = false

    @OptionGroup
    var options: ScenarioOptions

    @OptionGroup(title: "Programs")
    var programs: ProgramOptions

    func validate() throws {
        guard !names.isEmpty || set != nil else {
            throw ValidationError("nothing to measure; name scenarios (`baton-lab list` shows them) or give --set")
        }
        if let count = self.repeat, !(1...1000).contains(count) {
            throw ValidationError("--repeat \(count) is not within 1…1000")
        }
        guard (1...20).contains(attempts) else { throw ValidationError("--attempts \(attempts) is not within 1…20") }
        _ = try chosenTreatments()
        if resume, results == nil { throw ValidationError("--resume needs --results: which run to continue") }
    }

    private func chosenTreatments() throws -> [Treatment]? {
        guard let treatments else { return nil }
        let chosen = try treatments.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let treatment = Treatment(String(word)) else {
                throw ValidationError("'\(word)' is not a treatment; expected \(Treatment.alternatives)")
            }
            return treatment
        }
        guard Set(chosen).count == chosen.count else {
            throw ValidationError("--treatments '\(treatments)' names a treatment twice")
        }
        return chosen
    }

    /// Refuses what the scenario's file could not ask for either.
    private func refuse(_ treatments: [Treatment], in scenario: Scenario) throws {
        for treatment in treatments {
            let isOfPlain = [.warm, .cwndebpf, .tcpMetrics].contains(treatment)
            if isOfPlain, scenario.client != .plain {
                throw LabError(
                    .usage,
                    "'\(treatment)' needs client plain; '\(scenario.name)' has client \(scenario.client.rawValue)")
            }
            if treatment == .boundOpen, scenario.receiveWindow == .open {
                throw LabError(
                    .usage, "the receive window of '\(scenario.name)' is open, so 'bound-open' is the same as 'bound'")
            }
        }
    }

    func run() throws {
        var chosen = try options.scenarios(named: names)
        if let set {
            let members = try options.catalogue().scenarios(in: set)
            guard !members.isEmpty else {
                throw LabError(.usage, "there is no scenario in the set '\(set)'; `baton-lab list` shows the catalogue")
            }
            chosen += members.filter { member in !chosen.contains { $0.name == member.name } }
        }
        if let treatments = try chosenTreatments() {
            for index in chosen.indices {
                try refuse(treatments, in: chosen[index])
                chosen[index].treatments = treatments
            }
        }
        let directory = results ?? LabRun.newDirectory()
        if virtualTime { try VirtualMachine.run(directory: directory) }
        try LabRun(
            scenarios: chosen, seed: seed, rounds: self.repeat, attempts: attempts, programs: programs,
            directory: directory, resume: resume
        ).run()
    }
}
