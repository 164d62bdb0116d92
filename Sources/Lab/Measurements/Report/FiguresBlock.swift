// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// What a page quotes of results, between two markers: a picture, its caption, and a table. Made from the data, so that page
/// and data can't drift apart.
package struct FiguresBlock: Sendable {
    /// The line before it.
    package static let begin = "<!-- figures: begin -->"
    /// The line after it.
    package static let end = "<!-- figures: end -->"
    /// The picture that it shows, as `scripts/plot` names it.
    package static let picture = "summary.svg"

    private static let load = Load.body(ByteCount(bytes: 1_000_000))

    private let analysis: Analysis
    private let directory: String

    /// - Parameters:
    ///   - results: the data.
    ///   - directory: where the picture lies, relative to the page.
    package init(_ results: RecordedResults, pictures directory: String) {
        analysis = Analysis(results)
        self.directory = directory
    }

    /// The page with the block between its markers brought up to date.
    ///
    /// - Throws: `ResultsError` if the page has not exactly one of each marker, each a line of its own, in this order.
    package func replaced(in page: String) throws(ResultsError) -> String {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let (begins, ends) = (lines.indices(where: Self.begin), lines.indices(where: Self.end))
        guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
            throw ResultsError(
                "the page has \(begins.count) lines '\(Self.begin)' and \(ends.count) lines '\(Self.end)'; expected one "
                    + "of each, in this order: put them where the figures belong")
        }
        return (lines[...begins[0]] + [Substring(text)] + lines[ends[0]...]).joined(separator: "\n")
    }

    /// Whether a page has either marker.
    package static func isWanted(in page: String) -> Bool { page.contains(begin) || page.contains(end) }

    /// What stands between the markers.
    package var text: String {
        [
            "", "![\(caption)](\(directory)/\(Self.picture))", "", caption + ":", "", table + conditions, "",
        ].joined(separator: "\n")
    }

    private var caption: String { "Milliseconds from connect to the last byte, and how they compare with TCP as it is" }

    private var table: String {
        let severalScenarios = analysis.scenarios.count > 1
        let severalControls = Set(analysis.settings.map(\.setting.congestionControl)).count > 1
        let severalClients = Set(analysis.settings.map(\.setting.client)).count > 1
        var table = MarkdownTable(
            .text("scenario"), .text("control"), .text("client"), .text("load"), .number("TCP as it is"),
            .number("with Baton"), .number("ratio"), .number("95 %"), .number("policy exact"),
            .number("initcwnd \(Treatment.boundSegments)"), .number("Baton / initcwnd \(Treatment.boundSegments)"),
            .number("sent again"))
        for figures in settings {
            guard let stock = figures[.stock], let baton = figures[.careful],
                let ratio = figures.ratio(of: .careful, to: .stock)
            else { continue }
            let setting = figures.setting
            let bound = figures[.bound]
            table.add(
                severalScenarios ? setting.scenario : NumberText.absent,
                severalControls ? setting.congestionControl : NumberText.absent,
                severalClients ? setting.client.rawValue : NumberText.absent, setting.load.description,
                NumberText.milliseconds(stock.lastByte?.median), NumberText.milliseconds(baton.lastByte?.median),
                ratio.value > 1.02 ? "**\(NumberText.ratio(ratio))**" : NumberText.ratio(ratio),
                NumberText.interval(ratio.interval), NumberText.ratio(figures.ratio(of: .exact, to: .stock)),
                NumberText.milliseconds(bound?.lastByte?.median),
                NumberText.ratio(figures.ratio(of: .careful, to: .bound)),
                [stock, baton, bound].compactMap(\.?.retransmits).map(NumberText.count).joined(separator: " / "))
        }
        return table.withoutAbsentColumns.text
    }

    /// Of each scenario, control and client the load of 1 MB, or else the last: a page quotes, it doesn't list.
    private var settings: [SettingFigures] {
        var chosen: [[String]: Load] = [:]
        func kind(_ setting: Setting) -> [String] {
            [setting.scenario, setting.congestionControl, setting.client.rawValue]
        }
        for setting in analysis.settings.map(\.setting) {
            let kind = kind(setting)
            if setting.load == Self.load || chosen[kind] != Self.load { chosen[kind] = setting.load }
        }
        return analysis.settings.filter { chosen[kind($0.setting)] == $0.setting.load }
    }

    private var conditions: String {
        let counted = analysis.results.samples.filter { $0.spoiled == nil }
        let spoiled = analysis.results.samples.count - counted.count
        let rounds = Set(
            settings.flatMap { setting in
                setting.treatments.filter { [.stock, .careful, .bound].contains($0.treatment) }.map(\.samples.count)
            })
        let count = [rounds.min(), rounds.max()].compactMap(\.self)
        let several = Set(count).sorted().map(String.init).joined(separator: " to ")
        let kernels = Set(analysis.results.headers.map(\.kernelRelease)).sorted().joined(separator: ", ")
        let processors = Set(analysis.results.headers.map(\.processors)).sorted().map(String.init).joined(
            separator: ", ")
        let thrownAway = spoiled == 0 ? "none" : "\(spoiled)"
        let text =
            "Medians of \(several) runs on Linux \(kernels) with \(processors) processors; \(thrownAway) thrown away "
            + "because the emulated path was not what it should have been. Ratios are to TCP as it is, with 95 % intervals, "
            + "of the policies careful (Baton's default) and exact; "
            + "\"sent again\" are segments: TCP as it is / with Baton / initcwnd \(Treatment.boundSegments)."
        return "\n" + Paragraph.wrapped(text)
    }
}

extension [Substring] {
    fileprivate func indices(where line: String) -> [Int] { indices.filter { self[$0] == line } }
}
