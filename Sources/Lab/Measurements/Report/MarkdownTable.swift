// SPDX-License-Identifier: Apache-2.0

/// A table of Markdown whose columns line up in a terminal too.
struct MarkdownTable {
    /// A column; numbers stand on the right.
    struct Column {
        let title: String
        let isNumber: Bool

        static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }
        static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: Column...) {
        self.columns = columns
    }

    init(columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row: a cell a column.
    mutating func add(_ cells: String...) {
        add(cells: cells)
    }

    mutating func add(cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns: \(cells)")
        rows.append(cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") })
    }

    /// The table without columns that are the same all the way down, and nothing else than absent.
    var withoutAbsentColumns: MarkdownTable {
        let kept = columns.indices.filter { column in rows.contains { $0[column] != NumberText.absent } }
        var table = MarkdownTable(columns: kept.map { columns[$0] })
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }

    /// Lines, each with its end; nothing if there are no rows.
    var text: String {
        guard !rows.isEmpty else { return "" }
        let widths = columns.indices.map { column in
            max(3, ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column -> String in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return columns[column].isNumber ? space + cells[column] : cells[column] + space
            }
            return "| " + padded.joined(separator: " | ") + " |\n"
        }
        let rule = columns.indices.map { column in
            String(repeating: "-", count: widths[column] - 1) + (columns[column].isNumber ? ":" : "-")
        }
        return line(columns.map(\.title)) + line(rule) + rows.map(line).joined()
    }
}
