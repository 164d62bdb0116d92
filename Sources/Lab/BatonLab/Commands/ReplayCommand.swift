// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Measurements
import Scenarios

/// Measures once more what others measured.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Measure again what results were made of, and compare.",
        discussion: """
            Takes scenarios, seed and number of rounds from the results, not from the catalogue, so that what was changed \
            there since doesn't matter. Prints how the new figures compare.
            """)

    @Argument(help: ArgumentHelp("The results to make again.", valueName: "directory"))
    var original: String

    @Option(help: ArgumentHelp("Only this scenario; may be repeated.", valueName: "name"))
    var scenario: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where the new results go (default: the old directory's name and '-replay').", valueName: "directory"))
    var results: String?

    @Flag(help: "Go on with a replay that was interrupted.")
    var resume = false

    @OptionGroup(title: "Programs")
    var programs: ProgramOptions

    func run() throws {
        let old = try ResultsFile(in: original).read()
        guard let header = old.headers.last else {
            throw LabError(.configuration, "\(original)/results.jsonl says of no run how it was made")
        }
        guard header.virtualTime == (getenv("BATON_VIRTUAL_TIME") != nil) else {
            throw LabError(
                .usage,
                "\(original) was measured in \(header.virtualTime ? "virtual" : "real") time; "
                    + "replay it there (scripts/lab-in-vm)")
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
            // a run may have been told to measure only some
            let treatments = Set(old.samples.lazy.filter { $0.scenario == name }.map(\.treatment))
            scenario.treatments =
                scenario.treatments.filter(treatments.contains)
                + treatments.subtracting(scenario.treatments)
                .sorted { $0.description < $1.description }
            return scenario
        }
        let path = original.hasSuffix("/") ? String(original.dropLast()) : original
        let directory = results ?? "\(path)-replay"
        try LabRun(
            scenarios: scenarios, seed: header.seed, rounds: old.samples.map(\.round).max(), attempts: 3,
            programs: programs,
            directory: directory, resume: resume
        ).run()
        let new = try ResultsFile(in: directory).read()
        JSONLine.write(ResultsComparison(old.limited(to: Set(names)), new).text)
    }
}
