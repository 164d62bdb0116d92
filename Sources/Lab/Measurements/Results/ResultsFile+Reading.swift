// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

extension ResultsFile {
    /// All that was recorded. A last line without its end, which a crash leaves, is told in `remarks` and ignored.
    ///
    /// - Throws: `ResultsError` that names file and line if there is no such file, a line is no record, or its layout is
    ///   of another version.
    package func read() throws(ResultsError) -> RecordedResults {
        let (lines, rest) = try Self.lines(of: path)
        var results = RecordedResults()
        for (number, line) in lines {
            let place = "\(path):\(number)"
            switch try Self.kind(of: line, at: place) {
            case "run": results.headers.append(try Self.decode(RunHeader.self, line, at: place))
            case "sample": results.samples.append(try Self.decode(Sample.self, line, at: place))
            case let other: throw ResultsError("\(place): type '\(other)' is no record; expected 'run' or 'sample'")
            }
        }
        if let rest {
            results.remarks.append("\(path):\(rest): the last line has no end, as a crash leaves it; it is ignored")
        }
        return results
    }

    /// A connection's states over time.
    ///
    /// - Parameter file: as `Sample.series` has it.
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
            return "'\(key(context.codingPath))' is no \(expected)"
        case .valueNotFound(let expected, let context):
            return "'\(key(context.codingPath))' is null; expected \(expected)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "not a JSON object" : "'\(key(context.codingPath))': \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    /// A file's lines with their numbers from 1, empty ones left out; and the number of a last line without an end.
    private static func lines(
        of path: String
    ) throws(ResultsError) -> (whole: [(number: Int, line: Data)], cutOff: Int?) {
        let content: Data
        do {
            content = try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason = access(path, F_OK) == 0 ? "\(error)" : "there is no such file"
            throw ResultsError("\(path): \(reason); expected results that `baton-lab run` wrote")
        }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var numbered = lines.enumerated().map { (number: $0.offset + 1, line: Data($0.element)) }
        let last = numbered.removeLast()
        return (numbered.filter { !$0.line.isEmpty }, last.line.isEmpty ? nil : last.number)
    }
}
