// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import PathEmulator

extension Report {
    /// What it was measured on, and how to repeat it.
    var environment: [String] {
        ["## Environment", table, remarks, "## How to repeat it", repetition]
    }

    private var headers: [RunHeader] { analysis.results.headers }

    private var table: String {
        guard !headers.isEmpty else { return "The results don't record what they were measured on." }
        var table = MarkdownTable(.text("what"), .text("value"))
        table.add("started", distinct { NumberText.utc($0.startedAt) })
        table.add("kernel", distinct(\.kernelRelease))
        table.add("processors", distinct { "\($0.processors)" })
        table.add("time", distinct { $0.virtualTime ? "virtual (the machine counts instructions)" : "real" })
        for program in Set(headers.flatMap(\.versions.keys)).sorted() {
            table.add(program, distinct { $0.versions[program] })
        }
        table.add("seed", distinct { "\($0.seed)" })
        let late = analysis.results.samples.filter { $0.spoiled == nil }.map(\.path.worstLatenessNanoseconds).max()
        table.add("emulator's worst lateness, ms", NumberText.milliseconds(nanoseconds: late.map(Double.init)))
        return table.text
    }

    /// The values that the runs recorded, each once.
    private func distinct(_ value: (RunHeader) -> String?) -> String {
        headers.compactMap(value).reduce(into: [String]()) { values, value in
            if !values.contains(value) { values.append(value) }
        }.joined(separator: ", ")
    }

    private var remarks: String { analysis.results.remarks.joined(separator: "\n") }

    private var repetition: String {
        let names = analysis.scenarios.joined(separator: " ")
        let rounds = headers.last?.rounds.map { " --repeat \($0)" } ?? ""
        let seed = headers.last.map { " --seed \($0.seed)" } ?? ""
        guard !names.isEmpty else { return "" }
        return """
            ```
            baton-lab run \(names)\(rounds)\(seed)
            ```

            Each sample in results.jsonl has the seed of its round. How the figures are computed: Documentation/results.md.
            """
    }
}

extension NumberText {
    /// Seconds since 1970 as `2026-01-31 12:00 UTC`.
    static func utc(_ seconds: Double) -> String {
        let text = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
