// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Measurements
import Testing

@Suite struct CompactResultsTests {
    @Test("what is kept gives the same report, and says so again when it is kept again")
    func faithful() throws {
        try withTemporaryDirectory { directory in
            try SyntheticResults.write(to: directory + "/run")
            let source = ResultsFile(in: directory + "/run")
            let results = try source.read()
            let size = try CompactResults(results, from: source).write(to: directory + "/kept")
            let kept = ResultsFile(in: directory + "/kept")
            let read = try kept.read()
            #expect(Report(read).text == Report(results).text)
            #expect(read.samples.count == results.samples.count)
            // a series a measurement, of the first round that counts
            #expect(Set(read.samples.compactMap(\.series)).count <= Set(results.samples.map(\.key)).count)
            let series = try #require(read.samples.compactMap(\.series).first)
            #expect((2...CompactResults.seriesStates[0]).contains(try kept.series(series).count))

            let before = try Data(contentsOf: URL(filePath: kept.path))
            #expect(try CompactResults(results, from: source).write(to: directory + "/kept") == size)
            #expect(try Data(contentsOf: URL(filePath: kept.path)) == before)
        }
    }

    @Test("where series would make it too large, fewer of their states are kept")
    func thinned() throws {
        try withTemporaryDirectory { directory in
            let source = ResultsFile(in: directory + "/run")
            let file = try source.write(SyntheticResults.states(window: 10, until: 2000), series: "long")
            let samples = (1...120).map { number in
                SyntheticResults.sample(scenario: "\(number)") { $0.series = file }
            }
            let size = try CompactResults(RecordedResults(samples: samples), from: source).write(
                to: directory + "/kept")
            let kept = try ResultsFile(in: directory + "/kept").series("series/120.jsonl")
            #expect(size <= CompactResults.limitBytes)
            #expect(kept.count == 50)
            #expect(kept.first?.milliseconds == 0 && kept.last?.milliseconds == 2000)
        }
    }

    @Test("more than belongs into a repository is refused, and what was there stays")
    func tooLarge() throws {
        try withTemporaryDirectory { directory in
            let source = ResultsFile(in: directory + "/run")
            let kept = ResultsFile(in: directory + "/kept")
            try kept.append(SyntheticResults.header)
            let samples = (1...3000).map { SyntheticResults.sample(round: $0) }
            let error = #expect(throws: ResultsError.self) {
                try CompactResults(RecordedResults(samples: samples), from: source).write(to: directory + "/kept")
            }
            #expect(error?.description.contains("at most 2097152 are kept") == true)
            #expect(try kept.read().headers == [SyntheticResults.header])
        }
    }

    @Test("a run that was resumed keeps one header, and only the scenarios that it measured")
    func headers() throws {
        try withTemporaryDirectory { directory in
            var later = SyntheticResults.header
            later.startedAt += 100
            var other = later
            other.kernelRelease = "7.3"
            let results = RecordedResults(
                headers: [SyntheticResults.header, later, other], samples: [SyntheticResults.sample()])
            try CompactResults(results, from: ResultsFile(in: "/nonexistent")).write(to: directory)
            let headers = try ResultsFile(in: directory).read().headers
            #expect(headers.map(\.kernelRelease) == ["6.18.0-test", "7.3"])
            #expect(headers.allSatisfy { Array($0.scenarios.keys) == ["baseline"] })
        }
    }

    @Test("results are not kept over themselves")
    func itself() throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory)
            try file.append(SyntheticResults.sample())
            let results = try file.read()
            #expect(throws: ResultsError.self) { try CompactResults(results, from: file).write(to: directory) }
            #expect(try file.read() == results)
        }
    }
}
