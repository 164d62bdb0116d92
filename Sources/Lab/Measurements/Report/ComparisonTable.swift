// SPDX-License-Identifier: Apache-2.0

import Scenarios

extension ResultsComparison {
    /// As text: first how the runs differ, then one row per measurement.
    package var text: String {
        var parts: [String] = []
        if !circumstances.isEmpty {
            parts.append("Differences between the runs:\n" + circumstances.map { "- \($0)" }.joined(separator: "\n"))
        }
        let differing = rows.count(where: \.differs)
        parts.append(
            rows.isEmpty
                ? "No measurement is in both."
                : "\(differing) of \(rows.count) measurements differ (marked *): by more than 3 %, and the ratio's "
                    + "95 % interval excludes 1. A and B are medians of the time to the last byte, in ms.")
        var table = MarkdownTable(
            columns: Setting.columns + [
                .text("treatment"), .number("n"), .number("A"), .number("B"), .number("B/A"), .number("95 %"),
                .text("differs"),
            ])
        for row in rows {
            table.add(
                cells: row.key.setting.cells + [
                    row.key.treatment.description, "\(row.first.values.count)/\(row.second.values.count)",
                    NumberText.milliseconds(row.first.median), NumberText.milliseconds(row.second.median),
                    NumberText.decimal(row.ratio.value, digits: 3), NumberText.interval(row.ratio.interval),
                    row.differs ? "*" : "",
                ])
        }
        parts.append(table.text.split(separator: "\n").joined(separator: "\n"))
        for (name, keys) in [("A", onlyInFirst), ("B", onlyInSecond)] where !keys.isEmpty {
            let lines = keys.map { "- " + ($0.setting.cells + [$0.treatment.description]).joined(separator: ", ") }
            parts.append("Only in \(name):\n" + lines.joined(separator: "\n"))
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}
