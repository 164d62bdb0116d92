// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The `schema` of all JSON that the commands print. It is raised when a key changes its meaning or is removed.
package let schemaVersion = 2

/// Standard output can't be written, or a value can't be encoded as JSON.
package struct OutputError: CommandError {
    /// One line.
    package let description: String
    package var failureKind: FailureKind { FailureKind("output", status: 1) }
}

/// Encodes a value in the form that all JSON of the commands has: one line, keys sorted and in snake case.
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
/// - Throws: `OutputError` if the value can't be encoded or written.
package func printJSON(_ value: some Encodable) throws(OutputError) {
    fflush(nil)  // What 'print' has buffered comes first.
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

/// Prints a line for people to stderr.
package func printError(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

/// An optional value whose `nil` is written as `null`. JSONEncoder leaves out the key of a plain optional.
package struct Nullable<Value: Encodable>: Encodable {
    package var value: Value?

    package init(_ value: Value?) { self.value = value }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

extension Nullable: Sendable where Value: Sendable {}

/// Prints rows in aligned columns. All rows have as many columns as the first.
package func printTable(_ rows: [[String]]) {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).map { cell, width in cell.padding(toLength: width, withPad: " ", startingAt: 0) }
        print(cells.joined(separator: "  ").replacingOccurrences(of: " +$", with: "", options: .regularExpression))
    }
}
