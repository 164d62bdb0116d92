// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// One JSON object per line, keys in a fixed order.
enum JSONLine {
    /// The object as one line, without the newline.
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The object in a line.
    ///
    /// - Throws: `LabError` that names the source and quotes the line.
    static func decode<Value: Decodable>(_ type: Value.Type, from line: String, of source: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(line.utf8))
        } catch {
            throw LabError("\(source) printed a line that cannot be parsed (\(error)): \(line)")
        }
    }

    /// Writes the object to standard output as one line.
    static func print(_ value: some Encodable) throws {
        write(try encode(value))
    }

    /// Writes a line to standard output, unbuffered.
    static func write(_ line: String) {
        _ = (line + "\n").withCString { Glibc.write(1, $0, strlen($0)) }
    }
}
