// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Measurements
import PathEmulator
import Scenarios
import Testing

@Suite struct ResultsFileTests {
    @Test("what was appended is read back as it was")
    func roundTrip() throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory + "/not/there/yet")
            let samples = [
                SyntheticResults.sample(.stock, 413.25),
                SyntheticResults.sample(.initialWindow(segments: 32)) {
                    $0.spoiled = "late"
                    $0.path.forward.maxQueueDelayNanoseconds = 7_000_000
                    $0.start = Sample.Start(cwndSegments: 32, ssthreshSegments: nil, mssBytes: 1448)
                },
                SyntheticResults.sample(client: .curl) {
                    $0.followingMilliseconds = [1.5, 2]
                    $0.saved = Sample.Saved(
                        cwndBytes: 1, ssthreshBytes: nil, srttMicroseconds: 3, minRTTMicroseconds: 2)
                    $0.outcomes = ["resumed": 1]
                },
            ]
            try file.append(SyntheticResults.header)
            for sample in samples {
                try file.append(sample)
            }
            let results = try file.read()
            #expect(results == RecordedResults(headers: [SyntheticResults.header], samples: samples))
        }
    }

    @Test("a last line that a crash cut off is told and ignored, and the next record doesn't join it")
    func cutOff() throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory)
            try file.append(SyntheticResults.header)
            try file.append(SyntheticResults.sample(round: 1))
            let whole = try Data(contentsOf: URL(filePath: file.path))
            try whole.dropLast(5).write(to: URL(filePath: file.path))

            let results = try file.read()
            #expect(results.samples.isEmpty)
            #expect(results.headers.count == 1)
            #expect(results.remarks.count == 1)
            #expect(results.remarks[0].hasPrefix("\(file.path):2: "))

            try file.append(SyntheticResults.sample(round: 2))
            let repaired = try file.read()
            #expect(repaired.samples.map(\.round) == [2])
            #expect(repaired.remarks.isEmpty)
        }
    }

    @Test(
        "a bad line names the file and the line",
        arguments: [
            ("not JSON\n", ":2: not a JSON object"),
            ("{\"schema\":1}\n", ":2: 'type' is missing"),
            ("{\"schema\":1,\"type\":\"sample\"}\n", ":2: 'scenario' is missing"),
            ("{\"schema\":1,\"type\":\"other\"}\n", ":2: 'other' is not a record type; expected 'run' or 'sample'"),
            ("{\"schema\":2,\"type\":\"sample\"}\n", ":2: schema 2; this baton-lab reads schema 1"),
            ("{\"schema\":\"1\",\"type\":\"sample\"}\n", ":2: 'schema' is not of type Int"),
        ])
    func bad(line: String, problem: String) throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory)
            try file.append(SyntheticResults.header)
            let header = try String(contentsOfFile: file.path, encoding: .utf8)
            try (header + line + header).write(toFile: file.path, atomically: false, encoding: .utf8)
            let error = #expect(throws: ResultsError.self) { try file.read() }
            #expect(error?.description.hasPrefix(file.path + problem) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a value that is none names its key")
    func badValue() throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory)
            try file.append(SyntheticResults.sample(.exact))
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            try text.replacing("\"treatment\":\"exact\"", with: "\"treatment\":\"magic\"")
                .write(toFile: file.path, atomically: false, encoding: .utf8)
            let error = #expect(throws: ResultsError.self) { try file.read() }
            #expect(error?.description == "\(file.path):1: 'treatment': 'magic' is not a treatment")
        }
    }

    @Test("what the record held has each RTT under a key of its own, and none may be missing")
    func saved() throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory)
            let saved = Sample.Saved(
                cwndBytes: 625_000, ssthreshBytes: 437_500, srttMicroseconds: 103_000, minRTTMicroseconds: 100_000)
            try file.append(SyntheticResults.sample { $0.saved = saved })
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            let keys = "{\"cwnd_bytes\":625000,\"min_rtt_us\":100000,\"srtt_us\":103000,\"ssthresh_bytes\":437500}"
            #expect(text.contains("\"saved\":\(keys)"), "\(text)")
            #expect(try file.read().samples.map(\.saved) == [saved])

            try text.replacing("\"min_rtt_us\":100000,", with: "")
                .write(toFile: file.path, atomically: false, encoding: .utf8)
            let error = #expect(throws: ResultsError.self) { try file.read() }
            #expect(error?.description == "\(file.path):1: 'saved.min_rtt_us' is missing")
        }
    }

    @Test("lines of several writers at once stay whole")
    func writers() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/measurements-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = ResultsFile(in: directory)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for round in 1...50 {
                        try file.append(SyntheticResults.sample(round: writer * 50 + round))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Set(file.read().samples.map(\.round)) == Set(1...200))
    }

    @Test("no results, no crash")
    func missing() {
        let error = #expect(throws: ResultsError.self) { try ResultsFile(in: "/nonexistent").read() }
        #expect(error?.description.contains("/nonexistent/results.jsonl: there is no such file") == true)
    }

    @Test("a run that is resumed knows what is done")
    func contains() {
        let sample = SyntheticResults.sample(round: 2)
        let spoiled = SyntheticResults.sample(round: 3) { $0.spoiled = "late" }
        let results = RecordedResults(samples: [sample, spoiled, spoiled])
        #expect(results.contains(sample.key, round: 2))
        #expect(!results.contains(sample.key, round: 1))
        #expect(!results.contains(sample.key, round: 3))
        #expect(results.spoiledAttempts(of: sample.key, round: 3) == 2)
        for other in [
            SyntheticResults.sample(.stock), SyntheticResults.sample(scenario: "other"),
            SyntheticResults.sample(load: .upload(ByteCount(bytes: 100_000))), SyntheticResults.sample(control: "bbr"),
            SyntheticResults.sample(client: .curl),
        ] {
            #expect(!results.contains(other.key, round: 2))
        }
    }

    @Test("a series is read back as it was, and replaced when it is written again")
    func series() throws {
        try withTemporaryDirectory { directory in
            let file = ResultsFile(in: directory)
            let states = (0..<3).map { moment in
                SocketState(
                    milliseconds: Double(moment), remotePort: 1, cwndSegments: 10, ssthreshSegments: nil,
                    pacingBytesPerSecond: nil, rttMicroseconds: 1, deliveryBytesPerSecond: 1, segmentsInFlight: 1,
                    retransmits: 0, bytesAcknowledged: 0)
            }
            _ = try file.write(states + states, series: "one")
            let name = try file.write(states, series: "one")
            #expect(name == "series/one.jsonl")
            #expect(try file.series(name) == states)
        }
    }
}
