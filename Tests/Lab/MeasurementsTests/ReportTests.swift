// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios
import Testing

@Suite struct ReportTests {
    private let results: RecordedResults = {
        var samples = SyntheticResults.samples(.stock, [400, 405, 410, 410, 415, 420])
        samples += SyntheticResults.samples(.exact, [300, 305, 310, 310, 315, 320]) {
            $0.outcomes = ["resumed": 1]
            $0.start = Sample.Start(cwndSegments: 432, ssthreshSegments: 302, mssBytes: 1448)
            $0.path.forward.averageQueueDelayNanoseconds = 2_500_000
            $0.path.forward.maxQueueDelayNanoseconds = 71_000_000
        }
        samples += SyntheticResults.samples(.bound, [290, 295, 300, 300, 305, 310]) { $0.retransmits = 42 }
        samples += SyntheticResults.samples(.stock, [500, 505, 510, 510, 515, 520], scenario: "lossy") {
            $0.breakToLastByteMilliseconds = 6000
            $0.followingMilliseconds = [300, 300]
        }
        samples += SyntheticResults.samples(.exact, [900, 950, 1000, 1000, 1050, 1100], scenario: "lossy") {
            $0.outcomes = ["no_record": 1]
            $0.breakToLastByteMilliseconds = 6600
            $0.detectionMilliseconds = 5000
            $0.connectionMilliseconds = 300
            $0.transferMilliseconds = 1300
            $0.followingMilliseconds = [400, 500]
        }
        samples.append(
            SyntheticResults.sample(.tcpMetrics, scenario: "lossy") { $0.spoiled = "the path emulator was late" })
        return RecordedResults(headers: [SyntheticResults.header], samples: samples)
    }()

    private var text: String { Report(results).text }

    /// The lines between a heading and the next.
    private func section(_ heading: String) -> [Substring] {
        let lines = text.split(separator: "\n")
        guard let start = lines.firstIndex(where: { $0 == heading }) else { return [] }
        return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("#") })
    }

    /// The cells of the table's rows in a section, without its head.
    private func rows(_ heading: String) -> [[String]] {
        section(heading).filter { $0.hasPrefix("|") }.dropFirst(2).map { line in
            line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }
    }

    @Test("harm comes first")
    func order() throws {
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("## ") || $0.hasPrefix("### ") }
        #expect(
            headings == [
                "## Summary", "### Slower than stock", "### Slower in the connections that followed",
                "### More retransmissions", "### Not resumed", "### Not measured", "### Faster than stock",
                "## Scenarios",
                "### baseline", "### lossy", "## Environment",
                "## How to repeat it",
            ])
    }

    @Test("the summary's figures")
    func summary() {
        #expect(
            rows("### Slower than stock") == [
                ["exact", "lossy", "100kB", "cubic", "plain", "510", "1000", "1.96", "1.81…2.10"]
            ])
        #expect(
            rows("### Faster than stock") == [
                [
                    "exact", "baseline", "100kB", "cubic", "plain", "410", "310", "0.76", "0.73…0.78", "1.03",
                    "1.00…1.07",
                ]
            ])
        #expect(
            rows("### More retransmissions") == [
                ["bound", "baseline", "100kB", "cubic", "plain", "0", "42", "0", "0.73"]
            ])
        #expect(rows("### Not resumed") == [["exact", "lossy", "100kB", "cubic", "plain", "no_record 6"]])
        #expect(rows("### Not measured") == [["tcp_metrics", "lossy", "100kB", "cubic", "plain", "1"]])
    }

    @Test("a scenario's tables")
    func scenario() {
        let baseline = rows("### baseline")
        #expect(baseline.contains(["100kB", "stock", "6", "0", "400", "410", "419", "–", "–", "1.37", "1.33…1.40"]))
        #expect(baseline.contains(["100kB", "exact", "0", "0", "0", "2.5", "71.0", "432", "302", "resumed 6"]))
        let lossy = rows("### lossy")
        #expect(
            lossy.contains([
                "100kB", "exact", "6600", "1.10", "1.10…1.10", "5000", "300", "1300", "900", "1.50", "1.50…1.50",
            ]))
        #expect(section("### baseline").contains("title: A path"))
    }

    @Test("environment, and the command that repeats it")
    func environment() {
        let rows = rows("## Environment")
        #expect(rows.contains(["kernel", "6.18.0-test"]))
        #expect(rows.contains(["libcurl", "8.1"]))
        #expect(rows.contains(["started", "2023-11-14 22:13 UTC"]))
        #expect(section("## How to repeat it").contains("baton-lab run baseline lossy --seed 42"))
    }

    @Test("where nothing is slower it says so")
    func harmless() {
        let report = Report(results.limited(to: ["baseline"])).text
        #expect(report.contains("No treatment was slower than stock anywhere."))
        #expect(!report.contains("lossy"))
    }

    @Test("every table lines up")
    func alignment() {
        var width: Int?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("|") {
                #expect(width == nil || line.count == width, "\(line)")
                width = line.count
            } else {
                width = nil
            }
        }
    }

    @Test("of no results at all there is a report too")
    func empty() {
        #expect(Report(RecordedResults()).text.contains("0 samples count"))
    }

    @Test("pictures are shown where they belong")
    func pictures() {
        let report = Report(results, pictures: ["": ["p/ratios.svg"], "lossy": ["p/cwnd-lossy.svg"]]).text
        let all = report.split(separator: "\n").filter { $0.hasPrefix("![") }
        #expect(all == ["![ratios](p/ratios.svg)", "![cwnd lossy](p/cwnd-lossy.svg)"])
    }

    @Test(arguments: [
        ("/a/b", "/a/b/c", "c"), ("/a/b", "/a/c/d", "../c/d"), ("/a", "/a", "."), ("/a/./x/..", "/a/b", "b"),
        ("/", "/b", "b"), ("/a/b", "/", "../.."),
    ])
    func relativePaths(directory: String, target: String, way: String) {
        #expect(RelativePath.path(from: directory, to: target) == way)
    }
}
