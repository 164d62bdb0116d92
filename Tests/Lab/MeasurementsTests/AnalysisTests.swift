// SPDX-License-Identifier: Apache-2.0

import Measurements
import Scenarios
import Testing

@Suite struct AnalysisTests {
    private func finding(stock: [Double], exact: [Double]) throws -> Finding {
        let results = RecordedResults(
            samples: SyntheticResults.samples(.stock, stock) + SyntheticResults.samples(.exact, exact))
        return try #require(Analysis(results).findings.first)
    }

    @Test("slower is what the whole interval says, or a median 2 % above")
    func slower() throws {
        // certainly, though by little
        let certain = try finding(
            stock: [100, 100.1, 100.2, 100.3, 100.4, 100.5], exact: [101, 101.1, 101.2, 101.3, 101.4, 101.5])
        #expect(certain.isSlower && !certain.isFaster && certain.ratio.isCertain)
        // by 3 % in the median, though it may be chance
        let uncertain = try finding(stock: [90, 95, 100, 100, 150, 200], exact: [80, 85, 103, 103, 150, 190])
        #expect(uncertain.isSlower && uncertain.ratio.interval?.contains(1) == true && !uncertain.ratio.isCertain)
        // by 1 %, which may be chance
        let alike = try finding(stock: [90, 95, 100, 100, 150, 200], exact: [80, 85, 101, 101, 150, 190])
        #expect(!alike.isSlower && !alike.isFaster && alike.ratio.interval?.contains(1) == true)
        let faster = try finding(stock: [200, 201, 202, 203, 204, 205], exact: [100, 101, 102, 103, 104, 105])
        #expect(!faster.isSlower && faster.isFaster && faster.ratio.isCertain)
    }

    @Test("of fewer than six runs there is no interval, and 2 % of the median alone decide")
    func few() throws {
        let little = try finding(stock: [100, 100.1, 100.2, 100.3, 100.4], exact: [101, 101.1, 101.2, 101.3, 101.4])
        #expect(!little.isSlower && !little.isFaster)
        #expect(little.ratio.interval == nil && !little.ratio.isCertain)
        let single = try finding(stock: [100], exact: [102.5])
        #expect(single.isSlower && single.ratio.interval == nil)
    }

    @Test("a spoiled sample is in no figure, and is counted")
    func spoiled() throws {
        let spoiled = SyntheticResults.sample(.exact, 1_000_000) { $0.spoiled = "late" }
        let results = RecordedResults(
            samples: SyntheticResults.samples(.stock, [100, 100, 100])
                + SyntheticResults.samples(.exact, [50, 50, 50]) + [spoiled])
        let analysis = Analysis(results)
        let figures = try #require(analysis.settings.first?[.exact])
        #expect(figures.lastByte?.percentile95 == 50)
        #expect(figures.spoiled == 1)
        #expect(analysis.findings.first?.ratio.value == 0.5)

        let only = Analysis(RecordedResults(samples: [spoiled]))
        #expect(only.findings.isEmpty)
        #expect(only.unmeasured.map(\.spoiled) == [1])
    }

    @Test("settings that differ in anything are never mixed")
    func settings() {
        let samples = [
            SyntheticResults.sample(), SyntheticResults.sample(scenario: "b"), SyntheticResults.sample(control: "bbr"),
            SyntheticResults.sample(client: .curl), SyntheticResults.sample(load: .body(ByteCount(bytes: 1))),
        ]
        let analysis = Analysis(RecordedResults(samples: samples + samples))
        #expect(analysis.settings.map(\.setting) == samples.map(\.key.setting))
        #expect(analysis.settings.allSatisfy { $0.treatments.first?.samples.count == 2 })
        #expect(analysis.scenarios == ["baseline", "b"])
    }

    @Test("Baton's own comes first, then the most harmful")
    func order() {
        var samples: [Sample] = []
        for (scenario, exact, seed) in [("a", 110.0, 900.0), ("b", 150, 500), ("c", 50, 20)] {
            samples += SyntheticResults.samples(.stock, [100, 100, 100], scenario: scenario)
            samples += SyntheticResults.samples(.cwndebpf, [seed, seed, seed], scenario: scenario)
            samples += SyntheticResults.samples(.exact, [exact, exact, exact], scenario: scenario)
        }
        let findings = Analysis(RecordedResults(samples: samples)).findings
        #expect(
            findings.map { "\($0.treatment) \($0.setting.scenario)" }
                == ["exact b", "exact a", "exact c", "cwndebpf a", "cwndebpf b", "cwndebpf c"])
    }

    @Test("twice as many retransmissions as stock, plus ten, are not yet too many; one more is")
    func resends() throws {
        for (count, isMore) in [(20, false), (21, true)] {
            let results = RecordedResults(
                samples: SyntheticResults.samples(.stock, [1, 1, 1]) { $0.retransmits = 5 }
                    + SyntheticResults.samples(.exact, [1, 1, 1]) { $0.retransmits = Int64(count) })
            #expect(try #require(Analysis(results).findings.first).retransmitsMore == isMore)
        }
    }

    @Test("what a competing flow lost")
    func competing() throws {
        let results = RecordedResults(
            samples: SyntheticResults.samples(.stock, [1, 1, 1]) { $0.competingBytes = 1_000_000 }
                + SyntheticResults.samples(.exact, [1, 1, 1]) { $0.competingBytes = 800_000 })
        let finding = try #require(Analysis(results).findings.first)
        #expect(finding.competingRatio?.value == 0.8)
        let alone = try self.finding(stock: [1], exact: [1])
        #expect(alone.competingRatio == nil)
    }
}
