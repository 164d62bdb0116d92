// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Measurements
import Scenarios
import Testing

@Suite struct ComparisonTests {
    // six times the same: an interval without width
    private let hundred = Array(repeating: 100.0, count: 6)
    private let hundredFifty = Array(repeating: 150.0, count: 6)

    private func results(
        _ exact: [Double], stock: [Double] = [], header: (inout RunHeader) -> Void = { _ in }
    ) -> RecordedResults {
        var changed = SyntheticResults.header
        header(&changed)
        return RecordedResults(
            headers: [changed],
            samples: SyntheticResults.samples(.exact, exact) + SyntheticResults.samples(.stock, stock))
    }

    @Test("marked is what differs by more than 3 % and by more than chance")
    func marks() {
        let first = results([100, 101, 102, 103, 104, 105])
        func differs(_ second: [Double]) -> Bool? { ResultsComparison(first, results(second)).rows.first?.differs }
        #expect(differs([110, 111, 112, 113, 114, 115]) == true)
        #expect(differs([90, 91, 92, 93, 94, 95]) == true)
        // certain, but small
        #expect(differs([105.1, 105.2, 105.3, 105.4, 105.5, 105.6]) == false)
        // large, but it may be chance
        #expect(differs([50, 90, 111, 113, 120, 130]) == false)
        // no interval of five
        #expect(differs([200, 201, 202, 203, 204]) == false)
    }

    @Test("what was not the same in the runs themselves is told first")
    func circumstances() {
        let comparison = ResultsComparison(
            results([100]),
            results([100]) {
                $0.kernelRelease = "7.3"
                $0.versions["libcurl"] = nil
                $0.scenarios["baseline"] = "title: Another path\n"
            })
        #expect(
            comparison.circumstances == [
                "kernel: 6.18.0-test in A, 7.3 in B", "version of libcurl: 8.1 in A, unknown in B",
                "scenario baseline: its file differs",
            ])
        #expect(comparison.text.hasPrefix("Differences between the runs:\n- kernel: "))
        #expect(ResultsComparison(results([100]), results([100]) { $0.startedAt = 1 }).circumstances.isEmpty)
    }

    @Test("what only one of them has is not compared")
    func only() {
        let comparison = ResultsComparison(results([100]), results([], stock: [100]))
        #expect(comparison.rows.isEmpty)
        #expect(comparison.onlyInFirst.map(\.treatment) == [.exact])
        #expect(comparison.onlyInSecond.map(\.treatment) == [.stock])
        #expect(comparison.text.contains("No measurement is in both."))
        #expect(comparison.text.contains("Only in A:\n- baseline, 100kB, cubic, plain, exact"))
    }

    @Test func text() {
        let comparison = ResultsComparison(results(hundred), results(hundredFifty))
        let row = comparison.text.split(separator: "\n").last.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(row == "| baseline | 100kB | cubic | plain | exact | 6/6 | 100 | 150 | 1.500 | 1.50…1.50 | * |")
        #expect(comparison.text.contains("1 of 1 measurements differ"))
    }

    @Test func json() throws {
        let comparison = ResultsComparison(results(hundred), results(hundredFifty, stock: [1]))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(ComparisonRecord(comparison)), as: UTF8.self)
        for part in [
            "\"schema\":1", "\"circumstances\":[]", "\"a_median_ms\":100", "\"b_to_a\":1.5", "\"b_to_a_lower\":1.5",
            "\"differs\":true", "\"only_in_a\":[]", "\"treatment\":\"stock\"", "\"b_samples\":6",
        ] {
            #expect(text.contains(part), "\(text)")
        }
    }
}
