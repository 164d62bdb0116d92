// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Measurements

/// Two results directories beside each other.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare the results of two runs.",
        discussion: """
            Says first in what the runs themselves differ (kernel, versions, scenarios), then, for each measurement, the \
            medians to the last byte and B's as a multiple of A's with its 95 % interval. Marked is what differs by more \
            than 3 % and by more than chance.
            """)

    @Argument(help: ArgumentHelp("Results directory.", valueName: "A"))
    var first: String

    @Argument(help: ArgumentHelp("Results directory.", valueName: "B"))
    var second: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = try [first, second].map { try ResultsFile(in: $0).read() }
        for remark in results.flatMap(\.remarks) {
            Progress.say(remark)
        }
        let comparison = ResultsComparison(results[0], results[1])
        if json {
            try JSONLine.print(ComparisonRecord(comparison))
        } else {
            JSONLine.write(comparison.text)
        }
    }
}
