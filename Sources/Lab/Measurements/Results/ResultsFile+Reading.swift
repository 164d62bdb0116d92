// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

extension ResultsFile {
    /// Everything that was recorded. An incomplete last line, as a crash leaves it, is ignored and reported in
    /// `remarks`.
    ///
    /// - Throws: `ResultsError` that names file and line if the file does not exist, a line is not a record, or its
    ///   schema is another version.
    package func read() throws(ResultsError) -> RecordedResults {
        let (lines, rest) = try Self.lines(of: path)
        var results = RecordedResults()
        for (number, line) in lines {
            let place = "\(path):\(number)"
            switch try Self.kind(of: line, at: place) {
            case "run": results.headers.append(try Self.decode(RunHeader.self, line, at: place))
            case "sample": results.samples.append(try Self.decode(Sample.self, line, at: place))
            case let other: throw ResultsError("\(place): '\(other)' is not a record type; expected 'run' or 'sample'")
            }
        }
        if let rest {
            results.remarks.append("\(path):\(rest): the last line is incomplete, as after a crash; it is ignored")
        }
        return results
    }

    /// A connection's states over time.
    ///
    /// - Parameter file: the value of `Sample.series`.
    /// - Throws: `ResultsError` that names file and line.
    package func series(_ file: String) throws(ResultsError) -> [SocketState] {
        var states: [SocketState] = []
        for (number, line) in try Self.lines(of: "\(directory)/\(file)").whole {
            states.append(try Self.decode(SocketState.self, line, at: "\(directory)/\(file):\(number)"))
        }
        return states
    }

    private struct Kind: Decodable {
        let schema: Int
        let type: String
    }

    private static func kind(of line: Data, at place: String) throws(ResultsError) -> String {
        let kind = try decode(Kind.self, line, at: place)
        guard kind.schema == schema else {
            throw ResultsError(
                "\(place): schema \(kind.schema); this baton-lab reads schema \(schema): use the one that wrote it")
        }
        return kind.type
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ line: Data, at place: String
    ) throws(ResultsError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: line)
        } catch let error as DecodingError {
            throw ResultsError("\(place): \(explain(error))")
        } catch {
            throw ResultsError("\(place): \(error)")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        func key(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let missing, let context):
            return "'\(key(context.codingPath + [missing]))' is missing"
        case .typeMismatch(let expected, let context):
            return "'\(key(context.codingPath))' is not of type \(expected)"
        case .valueNotFound(let expected, let context):
            return "'\(key(context.codingPath))' is null; expected \(expected)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "not a JSON object" : "'\(key(context.codingPath))': \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    /// A file's non-empty lines, numbered from 1, and the number of an incomplete last line.
    private static func lines(
        of path: String
    ) throws(ResultsError) -> (whole: [(number: Int, line: Data)], cutOff: Int?) {
        let content: Data
        do {
            content = try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason = access(path, F_OK) == 0 ? "\(error)" : "there is no such file"
            throw ResultsError("\(path): \(reason); expected results of `baton-lab run`")
        }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var numbered = lines.enumerated().map { (number: $0.offset + 1, line: Data($0.element)) }
        let last = numbered.removeLast()
        return (numbered.filter { !$0.line.isEmpty }, last.line.isEmpty ? nil : last.number)
    }
}
