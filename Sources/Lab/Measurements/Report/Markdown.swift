// SPDX-License-Identifier: Apache-2.0

/// A Markdown table whose columns also line up in a terminal.
struct MarkdownTable {
    /// A column; numbers are right-aligned.
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

    /// Adds a row with one cell per column.
    mutating func add(_ cells: String...) {
        add(cells: cells)
    }

    mutating func add(cells: [String]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns: \(cells)")
        rows.append(cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") })
    }

    /// The table without the columns in which every value is absent.
    var withoutAbsentColumns: MarkdownTable {
        let kept = columns.indices.filter { column in rows.contains { $0[column] != NumberText.absent } }
        var table = MarkdownTable(columns: kept.map { columns[$0] })
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }

    /// The table's lines, each with a newline; empty if there are no rows.
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

/// Running text in a page that people also edit.
enum Paragraph {
    /// The text in lines of at most this many columns, broken at spaces.
    static func wrapped(_ text: String, columns: Int = 120) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// Relative paths, for links from a page.
package enum RelativePath {
    /// The path from a directory to a file or directory. Both are absolute; nothing is looked up.
    ///
    /// - Returns: `.` if they are the same.
    package static func path(from directory: String, to target: String) -> String {
        let (start, end) = (components(directory), components(target))
        let common = zip(start, end).prefix { $0 == $1 }.count
        let way = Array(repeating: "..", count: start.count - common) + end[common...].map(String.init)
        return way.isEmpty ? "." : way.joined(separator: "/")
    }

    /// Without `.`, and with each `..` resolved.
    private static func components(_ path: String) -> [Substring] {
        path.split(separator: "/").reduce(into: []) { components, component in
            switch component {
            case ".": break
            case "..": _ = components.popLast()
            default: components.append(component)
            }
        }
    }
}
