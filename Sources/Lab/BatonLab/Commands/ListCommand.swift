// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Scenarios

/// The scenarios that can be measured.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the scenarios.",
        discussion: """
            RATE and LOSS are down/up, or one value for both; LOSS is the mean. A * marks a path that changes. MEAS. \
            is the number of measurements: treatments × loads × congestion controls × rounds. A file that can't be \
            read is reported on standard error, and the exit status is 78.
            """)

    @OptionGroup
    var options: ScenarioOptions

    @Option(help: ArgumentHelp("Only the scenarios of a set: readme, quick.", valueName: "name"))
    var set: String?

    @Flag(help: "Print one JSON object on standard output instead of the table.")
    var json = false

    func run() throws {
        let catalogue = try options.catalogue()
        let scenarios = set.map { catalogue.scenarios(in: $0) } ?? catalogue.scenarios
        if json {
            try JSONLine.print(
                ScenarioListing(scenarios: scenarios, broken: catalogue.broken, directory: catalogue.directory))
        } else if !scenarios.isEmpty {
            JSONLine.write(ScenarioTable(scenarios: scenarios).text(width: Terminal.width(of: 1)))
        }
        for error in catalogue.broken {
            Progress.writeToStandardError("\(error)\n")
        }
        guard catalogue.broken.isEmpty else {
            let files = catalogue.broken.count == 1 ? "a scenario" : "\(catalogue.broken.count) scenarios"
            throw LabError(.configuration, "\(files) of \(catalogue.directory) can't be read")
        }
        guard !scenarios.isEmpty || json else {
            let sets = Set(catalogue.scenarios.flatMap(\.sets)).sorted().joined(separator: ", ")
            throw LabError(.usage, "no scenario is in the set '\(set ?? "")'; the sets are \(sets)")
        }
    }
}
