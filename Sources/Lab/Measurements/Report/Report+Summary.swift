// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

extension Report {
    /// First where treatments do harm, then where they help.
    var summary: [String] {
        [
            "## Summary", slower, slowerAfterwards, moreRetransmits, competingFlow, notResumed, unmeasured, faster,
            alike,
            pictures(of: ""),
        ]
    }

    private var slower: String {
        let findings = findings.filter(\.isSlower)
        let rule = "By more than chance (the whole interval above 1), or by more than 2 % in the median."
        guard !findings.isEmpty else {
            return "### Slower than stock\n\nNo treatment was slower than stock anywhere. \(rule)"
        }
        let ofBaton = findings.count(where: \.treatment.isBaton)
        let others = findings.count - ofBaton
        let count = "Baton in \(Self.settings(ofBaton)), other treatments in \(Self.settings(others))."
        return "### Slower than stock\n\n\(Paragraph.wrapped("\(rule) \(count)"))\n\n" + ratios(of: findings)
    }

    private static func settings(_ count: Int) -> String { "\(count) \(count == 1 ? "setting" : "settings")" }

    private var slowerAfterwards: String {
        let findings = findings.filter { $0.followingRatio?.isAboveOne ?? false }
        guard !findings.isEmpty else { return "" }
        var table = MarkdownTable(
            columns: [.text("treatment")] + Setting.columns + [
                .number("stock"), .number("sum"), .number("× stock"), .number("95 %"),
            ])
        for finding in findings {
            table.add(
                cells: [finding.treatment.description] + finding.setting.cells + [
                    NumberText.milliseconds(finding.stock.following?.median),
                    NumberText.milliseconds(finding.figures.following?.median),
                    NumberText.ratio(finding.followingRatio), NumberText.interval(finding.followingRatio?.interval),
                ])
        }
        return "### Slower in the connections that followed\n\nThe sum of their times, by the same rule.\n\n"
            + table.withoutAbsentColumns.text
    }

    private var faster: String {
        let findings = findings.filter { $0.treatment.isBaton && $0.isFaster }
        guard !findings.isEmpty else { return "### Faster than stock\n\nBaton was faster than stock nowhere." }
        return "### Faster than stock\n\nBaton only; the other treatments are in each scenario's section.\n\n"
            + ratios(of: findings.reversed())
    }

    private var alike: String {
        let findings = findings.filter { $0.treatment.isBaton && !$0.isFaster && !$0.isSlower }
        guard !findings.isEmpty else { return "" }
        return "### As fast as stock\n\n" + ratios(of: findings)
    }

    private func ratios(of findings: [Finding]) -> String {
        var table = MarkdownTable(
            columns: [.text("treatment")] + Setting.columns + [
                .number("stock"), .number("median"), .number("× stock"), .number("95 %"), .number("× bound"),
                .number("95 %"),
            ])
        for finding in findings {
            table.add(
                cells: [finding.treatment.description] + finding.setting.cells + [
                    NumberText.milliseconds(finding.stock.lastByte?.median),
                    NumberText.milliseconds(finding.figures.lastByte?.median),
                    NumberText.ratio(finding.ratio), NumberText.interval(finding.ratio.interval),
                    NumberText.ratio(finding.ratioToBound), NumberText.interval(finding.ratioToBound?.interval),
                ])
        }
        return table.withoutAbsentColumns.text
    }

    private var moreRetransmits: String {
        let findings = findings.filter(\.retransmitsMore)
        guard !findings.isEmpty else {
            return "### More retransmissions\n\n"
                + "No treatment retransmitted more than twice as many segments as stock, plus ten."
        }
        var table = MarkdownTable(
            columns: [.text("treatment")] + Setting.columns + [
                .number("stock"), .number("retransmitted"), .number("queue drops"), .number("× stock's time"),
            ])
        for finding in findings {
            table.add(
                cells: [finding.treatment.description] + finding.setting.cells + [
                    NumberText.count(finding.stock.retransmits), NumberText.count(finding.figures.retransmits),
                    NumberText.count(finding.figures.median { Double($0.path.forward.queueDrops) }),
                    NumberText.ratio(finding.ratio),
                ])
        }
        return "### More retransmissions\n\nMore than twice as many segments as stock retransmitted, plus ten.\n\n"
            + table.text
    }

    private var competingFlow: String {
        let findings = findings.filter { $0.competingRatio != nil }.sorted {
            ($0.treatment.isBaton ? 0 : 1, $0.competingRatio?.value ?? 0)
                < ($1.treatment.isBaton ? 0 : 1, $1.competingRatio?.value ?? 0)
        }
        guard !findings.isEmpty else { return "" }
        var table = MarkdownTable(
            columns: [.text("treatment")] + Setting.columns + [
                .number("kB beside stock"), .number("kB beside it"), .number("change"), .number("× 95 %"),
            ])
        for finding in findings {
            let kilobytes = [finding.stock, finding.figures].map { ($0.competing?.median ?? 0) / 1000 }
            table.add(
                cells: [finding.treatment.description] + finding.setting.cells
                    + kilobytes.map { NumberText.decimal($0, digits: 0) } + [
                        NumberText.percent(finding.competingRatio),
                        NumberText.interval(finding.competingRatio?.interval),
                    ])
        }
        return "### What the competing flow lost\n\nWhat it received in the same time window.\n\n" + table.text
    }

    private var notResumed: String {
        var table = MarkdownTable(columns: [.text("treatment")] + Setting.columns + [.text("decisions")])
        for figures in analysis.settings {
            for treatment in figures.treatments where treatment.treatment.isBaton {
                let outcomes = treatment.outcomes
                guard !outcomes.isEmpty, outcomes.contains(where: { $0.key != "resumed" && $0.value > 0 }) else {
                    continue
                }
                table.add(cells: [treatment.treatment.description] + figures.setting.cells + [outcomes.text])
            }
        }
        guard !table.rows.isEmpty else { return "" }
        return "### Not resumed\n\nWhere Baton left connections unchanged; decisions of all rounds.\n\n" + table.text
    }

    private var unmeasured: String {
        let unmeasured = analysis.unmeasured
        guard !unmeasured.isEmpty else { return "" }
        var table = MarkdownTable(columns: [.text("treatment")] + Setting.columns + [.number("attempts")])
        for (setting, treatment, spoiled) in unmeasured {
            table.add(cells: [treatment.description] + setting.cells + ["\(spoiled)"])
        }
        return "### Not measured\n\nEvery attempt was spoiled.\n\n" + table.text
    }
}

extension [String: Int64] {
    /// `resumed 5, no_record 1`, sorted by name.
    var text: String {
        let counts = filter { $0.value > 0 }.sorted { $0.key < $1.key }
        return counts.isEmpty ? NumberText.absent : counts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
