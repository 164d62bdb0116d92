// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Measurements
import Scenarios

/// Repeats a run from its results.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Repeat the measurements of a results directory, and compare.",
        discussion: """
            Takes the scenarios, the seed and the number of rounds from the results, not from the catalogue: later \
            changes to the catalogue don't matter. Prints how the new figures compare with the old ones.
            """)

    @Argument(help: ArgumentHelp("The results to repeat.", valueName: "directory"))
    var original: String

    @Option(help: ArgumentHelp("Only this scenario; may be repeated.", valueName: "name"))
    var scenario: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where the new results go (default: the old directory's name with '-replay').", valueName: "directory"))
    var results: String?

    @Flag(help: "Continue a replay that was interrupted.")
    var resume = false

    @OptionGroup(title: "Programs")
    var programs: ProgramOptions

    func run() throws {
        let old = try ResultsFile(in: original).read()
        guard let header = old.headers.last else {
            throw LabError(
                .configuration, "\(original)/results.jsonl doesn't record how it was made: no line of type 'run'")
        }
        guard header.virtualTime == (getenv("BATON_VIRTUAL_TIME") != nil) else {
            throw LabError(
                .usage,
                "\(original) was measured in \(header.virtualTime ? "virtual" : "real") time; "
                    + "replay it in \(header.virtualTime ? "a virtual machine (scripts/lab-in-vm)" : "real time")")
        }
        let measured = Set(old.samples.map(\.scenario))
        for name in scenario where !measured.contains(name) {
            throw LabError(
                .usage, "\(original) has no scenario '\(name)', only \(measured.sorted().joined(separator: ", "))")
        }
        let names = scenario.isEmpty ? measured.sorted() : scenario
        let scenarios = try names.map { name in
            guard let source = old.headers.last(where: { $0.scenarios[name] != nil })?.scenarios[name] else {
                throw LabError(.configuration, "\(original)/results.jsonl lacks the text of scenario '\(name)'")
            }
            var scenario = try Scenario(name: name, parsing: source)
            // the run may have measured only some of its treatments (--treatments)
            let treatments = Set(old.samples.lazy.filter { $0.scenario == name }.map(\.treatment))
            scenario.treatments =
                scenario.treatments.filter(treatments.contains)
                + treatments.subtracting(scenario.treatments).sorted { $0.description < $1.description }
            return scenario
        }
        let path = original.hasSuffix("/") ? String(original.dropLast()) : original
        let directory = results ?? "\(path)-replay"
        try LabRun(
            scenarios: scenarios, seed: header.seed, rounds: old.samples.map(\.round).max(), attempts: 3,
            programs: programs, directory: directory, resume: resume
        ).run()
        let new = try ResultsFile(in: directory).read()
        JSONLine.write(ResultsComparison(old.limited(to: Set(names)), new).text)
    }
}
