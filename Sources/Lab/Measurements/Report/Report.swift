// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// Results as a Markdown page: first where treatments do harm, then where they help, then everything.
package struct Report: Sendable {
    let analysis: Analysis
    /// Computed once: each takes two intervals, which is most of the report's work.
    let findings: [Finding]
    /// Pictures to show, relative to the page, by scenario name; those that show all scenarios are under the empty
    /// name.
    let pictures: [String: [String]]

    package init(_ results: RecordedResults, pictures: [String: [String]] = [:]) {
        analysis = Analysis(results)
        findings = analysis.findings
        self.pictures = pictures
    }

    /// The whole page.
    package var text: String {
        (["# Results", introduction] + summary + scenarioSections + environment)
            .filter { !$0.isEmpty }
            .map { $0.last == "\n" ? String($0.dropLast()) : $0 }
            .joined(separator: "\n\n") + "\n"
    }

    private var introduction: String {
        let samples = analysis.results.samples
        let spoiled = samples.count { $0.spoiled != nil }
        return Paragraph.wrapped(
            """
            \(samples.count - spoiled) samples count. \(spoiled) more were spoiled, because the path emulator was late \
            or lost packets, and are in no figure. Times run from connect() to the last byte, in ms. Ratios (×) are of \
            medians, with their 95 % confidence intervals in the column after them (percentile bootstrap, \
            \(Bootstrap.resamples) resamples). Retransmitted segments and drops are medians too. `exact` and `careful` \
            are Baton's policies; `careful` is the default.
            """)
    }

    /// A scenario's pictures as Markdown.
    func pictures(of scenario: String) -> String {
        (pictures[scenario] ?? []).map { "![\(alternative(for: $0))](\($0))" }.joined(separator: "\n\n")
    }

    private func alternative(for path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.split(separator: ".").first.map(String.init) ?? name
        return stem.split(separator: "-").joined(separator: " ")
    }
}

extension Setting {
    /// The cells that identify the setting in a table of several scenarios.
    var cells: [String] { [scenario, load.description, congestionControl, client.rawValue] }

    static var columns: [MarkdownTable.Column] {
        [.text("scenario"), .text("load"), .text("control"), .text("client")]
    }
}
