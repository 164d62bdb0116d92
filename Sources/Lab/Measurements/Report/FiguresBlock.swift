// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// The figures that a page quotes from results, between two markers: a picture and a table. They are generated, so that
/// the page always matches the data.
package struct FiguresBlock: Sendable {
    /// The line before the block.
    package static let begin = "<!-- figures: begin -->"
    /// The line after the block.
    package static let end = "<!-- figures: end -->"
    /// The picture in the block, as `scripts/plot` names it.
    package static let picture = "summary.svg"

    private static let load = Load.body(ByteCount(bytes: 1_000_000))
    private static let bound = "initcwnd \(Treatment.boundSegments)"

    private let analysis: Analysis
    private let directory: String

    /// - Parameters:
    ///   - results: the data.
    ///   - directory: the picture's directory, relative to the page.
    package init(_ results: RecordedResults, pictures directory: String) {
        analysis = Analysis(results)
        self.directory = directory
    }

    /// The page with the block between its markers updated.
    ///
    /// - Throws: `ResultsError` unless the page has exactly one of each marker, on lines of their own, in this order.
    package func replaced(in page: String) throws(ResultsError) -> String {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let (begins, ends) = (lines.indices(where: Self.begin), lines.indices(where: Self.end))
        guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
            throw ResultsError(
                "the page has \(begins.count) lines '\(Self.begin)' and \(ends.count) lines '\(Self.end)'; expected "
                    + "one of each, in this order, around the place of the figures")
        }
        return (lines[...begins[0]] + [Substring(text)] + lines[ends[0]...]).joined(separator: "\n")
    }

    /// Whether a page has either marker.
    package static func isWanted(in page: String) -> Bool { page.contains(begin) || page.contains(end) }

    /// The lines between the markers.
    package var text: String {
        [
            "", "![\(caption)](\(directory)/\(Self.picture))", "", "Milliseconds from connect() to the last byte:", "",
            table + "\n" + Paragraph.wrapped(conditions), "",
        ].joined(separator: "\n")
    }

    private var caption: String {
        "Time to the last byte compared with stock TCP: Baton's policy careful, and a fixed \(Self.bound)"
    }

    private var table: String {
        let severalScenarios = analysis.scenarios.count > 1
        let severalControls = Set(analysis.settings.map(\.setting.congestionControl)).count > 1
        let severalClients = Set(analysis.settings.map(\.setting.client)).count > 1
        var table = MarkdownTable(
            .text("scenario"), .text("control"), .text("client"), .text("load"), .number("stock TCP"),
            .number("Baton (careful)"), .number("× stock"), .number("95 %"), .number("Baton (exact)"),
            .number("× stock"), .number("95 %"), .number(Self.bound), .number("careful × \(Self.bound)"),
            .number("retransmitted"))
        for figures in quoted {
            let setting = figures.setting
            let (stock, careful, exact) = (figures[.stock], figures[.careful], figures[.exact])
            let bound = figures[.bound]
            let ratio = figures.ratio(of: .careful, to: .stock)
            let exactRatio = figures.ratio(of: .exact, to: .stock)
            table.add(
                severalScenarios ? setting.scenario : NumberText.absent,
                severalControls ? setting.congestionControl : NumberText.absent,
                severalClients ? setting.client.rawValue : NumberText.absent, setting.load.description,
                NumberText.milliseconds(stock?.lastByte?.median), NumberText.milliseconds(careful?.lastByte?.median),
                Self.marked(ratio), NumberText.interval(ratio?.interval),
                NumberText.milliseconds(exact?.lastByte?.median), Self.marked(exactRatio),
                NumberText.interval(exactRatio?.interval), NumberText.milliseconds(bound?.lastByte?.median),
                NumberText.ratio(figures.ratio(of: .careful, to: .bound)),
                [stock, careful, bound].compactMap(\.?.retransmits).map(NumberText.count).joined(separator: " / "))
        }
        return table.withoutAbsentColumns.text
    }

    /// In bold where the treatment is slower than stock.
    private static func marked(_ ratio: Ratio?) -> String {
        let text = NumberText.ratio(ratio)
        return ratio.map(isSlower) ?? false ? "**\(text)**" : text
    }

    /// Whether the interval, rounded as the table shows it, lies above 1.00; without an interval the median decides.
    private static func isSlower(_ ratio: Ratio) -> Bool {
        ratio.interval.map { ($0.lower * 100).rounded() > 100 } ?? (ratio.value > 1.02)
    }

    /// The settings in the table: those with stock and careful.
    private var quoted: [SettingFigures] { settings.filter { $0.ratio(of: .careful, to: .stock) != nil } }

    /// Of each scenario, control and client the load of 1 MB, or else the last: the page quotes only a part.
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

    /// What was measured, on what, and how to read the table.
    private var conditions: String {
        let samples = analysis.results.samples
        let spoiled = samples.count { $0.spoiled != nil }
        let measured = Treatment.quoted.flatMap { treatment in quoted.compactMap { $0[treatment]?.samples.count } }
        let runs = Set([measured.min(), measured.max()].compactMap(\.self)).sorted().map(String.init)
            .joined(separator: " to ")
        let discarded =
            spoiled == 0
            ? "no run was discarded"
            : "\(spoiled) \(spoiled == 1 ? "run was" : "runs were") discarded because the path emulator was late or "
                + "lost packets"
        let isAnyBold = quoted.contains { figures in
            [Treatment.careful, .exact].contains { figures.ratio(of: $0, to: .stock).map(Self.isSlower) ?? false }
        }
        return """
            Medians of \(runs) runs of Baton \(distinct { $0.versions["baton"] }), under the policy that the column \
            names (`careful` is the default), on Linux \(distinct(\.kernelRelease)) with \
            \(distinct { "\($0.processors)" }) processors; \(discarded). \
            "× stock" is the median divided by stock TCP's, and "95 %" its confidence interval. \
            "retransmitted" counts segments: stock TCP / Baton (careful) / \(Self.bound). \
            Bold marks where Baton is slower than stock TCP: the whole interval is above 1.00, or, with too few runs for \
            an interval, the median is more than 2 % above.\(isAnyBold ? "" : " It is nowhere slower here.")
            """
    }

    /// The values that the runs recorded, each once.
    private func distinct(_ value: (RunHeader) -> String?) -> String {
        let values = Set(analysis.results.headers.compactMap(value)).sorted()
        return values.isEmpty ? "(unknown)" : values.joined(separator: ", ")
    }
}

extension Treatment {
    /// The treatments with a column of their own.
    fileprivate static let quoted: [Treatment] = [.stock, .careful, .exact, .bound]
}

extension [Substring] {
    fileprivate func indices(where line: String) -> [Int] { indices.filter { self[$0] == line } }
}
