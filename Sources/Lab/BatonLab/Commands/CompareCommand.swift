// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Measurements

/// Two results directories side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare the results of two runs.",
        discussion: """
            First lists how the runs themselves differ (kernel, versions, scenarios). Then, for each measurement: both \
            median times to the last byte, and B's median divided by A's with its 95 % interval. A * marks a \
            difference of more than 3 % that is more than chance.
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
