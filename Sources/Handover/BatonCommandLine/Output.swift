// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Of all JSON that the commands print. Raised when a key changes its meaning or goes.
package let schemaVersion = 2

/// Standard output can't be written, or a value not be encoded.
package struct OutputError: CommandError {
    /// One line.
    package let description: String
    package var failureKind: FailureKind { FailureKind("output", status: 1) }
}

/// Encodes as all JSON of the commands is: one line, snake case, sorted keys.
package func encodeJSON(_ value: some Encodable) throws(OutputError) -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return try encoder.encode(value) } catch {
        throw OutputError(description: "encoding the JSON failed: \(error)")
    }
}

/// Writes a line of JSON to stdout.
///
/// - Throws: `OutputError` if it can't be encoded or written.
package func printJSON(_ value: some Encodable) throws(OutputError) {
    fflush(nil)  // what 'print' still has in its buffer comes first
    var rest = try encodeJSON(value) + Data("\n".utf8)
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            throw OutputError(description: "writing JSON to stdout: \(String(cString: strerror(errno)))")
        }
        rest.removeFirst(count)
    }
}

/// A line for people.
package func printError(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

/// A value that JSON shows as `null`, rather than leaving its key out.
package struct Nullable<Value: Encodable>: Encodable {
    package var value: Value?

    package init(_ value: Value?) { self.value = value }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

extension Nullable: Sendable where Value: Sendable {}

/// Columns that line up; the first row is the heading.
package func printTable(_ rows: [[String]]) {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).map { cell, width in cell.padding(toLength: width, withPad: " ", startingAt: 0) }
        print(cells.joined(separator: "  ").replacingOccurrences(of: " +$", with: "", options: .regularExpression))
    }
}
