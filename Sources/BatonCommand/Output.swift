// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Of all JSON that the tool prints. Raised when a key changes its meaning or goes.
let schemaVersion = 1

func printJSON(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return }
    print(String(decoding: data, as: UTF8.self))
    fflush(nil)
}

func printError(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

/// A value that JSON shows as `null`, rather than leaving its key out.
struct Nullable<Value: Encodable>: Encodable {
    var value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// Columns that line up; the first row is the heading.
func printTable(_ rows: [[String]]) {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).map { cell, width in cell.padding(toLength: width, withPad: " ", startingAt: 0) }
        print(cells.joined(separator: "  ").replacingOccurrences(of: " +$", with: "", options: .regularExpression))
    }
}
