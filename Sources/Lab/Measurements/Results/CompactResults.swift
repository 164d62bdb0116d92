// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import PathEmulator

/// The data that the documentation quotes: every sample unchanged, the series of one round only and with fewer states,
/// and one header for a resumed run.
package struct CompactResults: Sendable {
    /// Its largest size, series included (bytes): it is stored in the repository.
    package static let limitBytes = 2 << 20
    /// How many states of a series are kept, spread over its length: the first of these numbers that fits the limit.
    package static let seriesStates = [100, 50, 25]

    private let results: RecordedResults
    private let source: ResultsFile

    /// - Parameters:
    ///   - results: the results to keep.
    ///   - source: the results file with their series.
    package init(_ results: RecordedResults, from source: ResultsFile) {
        self.results = results
        self.source = source
    }

    /// Writes `results.jsonl` and `series/` in the directory, and replaces existing ones.
    ///
    /// - Returns: its size (bytes).
    /// - Throws: `ResultsError` if it would be larger than `limitBytes`, or a series can't be read; `LinuxError`.
    ///   Existing files are unchanged then.
    @discardableResult
    package func write(to directory: String) throws -> Int {
        var samples = results.samples
        var whole: [[SocketState]] = []
        var seen: Set<MeasurementKey> = []
        for index in samples.indices {
            samples[index].path.forward.randomDropIndexes = []
            samples[index].path.backward.randomDropIndexes = []
            guard let file = samples[index].series else { continue }
            samples[index].series = nil
            guard samples[index].spoiled == nil, seen.insert(samples[index].key).inserted else { continue }
            whole.append(try source.series(file))
            samples[index].series = "series/\(whole.count).jsonl"
        }
        var series: [[SocketState]] = []
        var size = 0
        for count in Self.seriesStates {
            series = whole.map { Self.thinned($0, to: count) }
            size = try Self.size(headers) + Self.size(samples) + Self.size(series.flatMap { $0 })
            if size <= Self.limitBytes { break }
        }
        guard size <= Self.limitBytes else {
            throw ResultsError(
                "\(directory): the data have \(size) bytes; at most \(Self.limitBytes) are kept: name fewer scenarios"
            )
        }
        try replace(directory, with: samples, series)
        return size
    }

    private func replace(
        _ directory: String, with samples: [Sample], _ series: [[SocketState]]
    ) throws {
        let target = ResultsFile(in: directory)
        guard target.path != source.path else {
            throw ResultsError("\(directory) is where the results are; name another directory to keep them in")
        }
        for path in [target.path, "\(directory)/series"] where access(path, F_OK) == 0 {
            try FileManager.default.removeItem(atPath: path)
        }
        for header in headers {
            try target.append(header)
        }
        for sample in samples {
            try target.append(sample)
        }
        for (index, states) in series.enumerated() {
            _ = try target.write(states, series: "\(index + 1)")
        }
    }

    /// The headers; of those that differ only in their time, the first.
    private var headers: [RunHeader] {
        let measured = Set(results.samples.map(\.scenario))
        return results.headers.reduce(into: []) { headers, header in
            var header = header
            header.scenarios = header.scenarios.filter { measured.contains($0.key) }
            let isKnown = headers.contains {
                var known = $0
                known.startedAt = header.startedAt
                return known == header
            }
            if !isKnown { headers.append(header) }
        }
    }

    /// In bytes, as lines.
    private static func size(_ records: [some Encodable]) throws -> Int {
        try records.reduce(0) { try $0 + ResultsFile.encode($1).utf8.count + 1 }
    }

    /// At most this many of them, including the first and the last.
    private static func thinned(_ states: [SocketState], to count: Int) -> [SocketState] {
        guard states.count > count else { return states }
        return (0..<count).map { states[$0 * (states.count - 1) / (count - 1)] }
    }
}
