// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Measurements
import PathEmulator
import Scenarios

/// Measures scenarios.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Measure scenarios, with all their treatments side by side.",
        discussion: """
            Results go into a directory: results.jsonl has a line for each measurement, and series/ the connections' state \
            over time in the first round. ^C keeps what is done; --resume goes on with it. A measurement whose path was not what \
            it should be, because the emulator was late, is marked and made again.

            Exit status 1 also if a measurement could not be had.
            """)

    @Argument(help: ArgumentHelp("Scenarios of the catalogue (`baton-lab list`), or files.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("All scenarios of a set: readme, quick.", valueName: "name"))
    var set: String?

    @Option(
        help: ArgumentHelp(
            "How often to measure each treatment, instead of what the scenario says.", valueName: "number"))
    var `repeat`: Int?

    @Option(help: ArgumentHelp("Seed of the paths' losses and jitter.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Only these treatments: stock,exact.", valueName: "names"))
    var treatments: String?

    @Option(help: ArgumentHelp("Where the results go (default: lab-results/TIME).", valueName: "directory"))
    var results: String?

    @Flag(help: "Go on with the results of a run that was interrupted.")
    var resume = false

    @Option(help: ArgumentHelp("How often to try a measurement that the emulator spoils.", valueName: "number"))
    var attempts = 3

    @Flag(help: "Run in a virtual machine whose clock doesn't depend on how busy this machine is; much slower.")
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
        if resume, results == nil { throw ValidationError("--resume needs --results: which run to go on with") }
    }

    private func chosenTreatments() throws -> [Treatment]? {
        guard let treatments else { return nil }
        let chosen = try treatments.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let treatment = Treatment(String(word)) else {
                throw ValidationError(
                    "'\(word)' is no treatment; there are stock, 'initcwnd N', tcp_metrics, cwndebpf, exact, careful, 'careful after-first-round', bound, bound-open, "
                        + "warm")
            }
            return treatment
        }
        guard Set(chosen).count == chosen.count else {
            throw ValidationError("--treatments '\(treatments)' names one twice")
        }
        return chosen
    }

    /// What a scenario's file would be refused for.
    private func refuse(_ treatments: [Treatment], in scenario: Scenario) throws {
        for treatment in treatments {
            let isOfPlain = [.warm, .cwndebpf, .tcpMetrics].contains(treatment)
            if isOfPlain, scenario.client != .plain {
                throw LabError(
                    .usage, "'\(treatment)' takes client plain, and '\(scenario.name)' has \(scenario.client.rawValue)")
            }
            if treatment == .boundOpen, scenario.receiveWindow == .open {
                throw LabError(
                    .usage, "in '\(scenario.name)' the receive window is open: 'bound-open' is 'bound' there")
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
