// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Measurements
import Scenarios
import Testing

@Suite struct FiguresBlockTests {
    private let results = RecordedResults(
        headers: [SyntheticResults.header],
        samples: SyntheticResults.samples(.stock, [609, 610, 611, 611, 612, 613])
            + SyntheticResults.samples(.careful, [416, 417, 418, 418, 419, 420]) { $0.retransmits = 3 }
            + SyntheticResults.samples(.exact, [305, 305, 305, 306, 306, 306])
            + SyntheticResults.samples(.bound, [413, 414, 415, 415, 416, 417])
            + SyntheticResults.samples(.cwndebpf, [9000])
            + [SyntheticResults.sample { $0.spoiled = "late" }])

    private let page = """
        # Page

        Before.

        <!-- figures: begin -->
        old
        <!-- figures: end -->

        After.

        """

    @Test("only what stands between the markers changes, and doing it again changes nothing")
    func replaces() throws {
        let block = FiguresBlock(results, pictures: "Documentation/figures")
        let new = try block.replaced(in: page)
        #expect(new.hasPrefix("# Page\n\nBefore.\n\n<!-- figures: begin -->\n\n![") && !new.contains("\nold\n"))
        #expect(new.hasSuffix("\n\n<!-- figures: end -->\n\nAfter.\n"))
        #expect(new.contains("](Documentation/figures/summary.svg)"))
        #expect(try block.replaced(in: new) == new)
    }

    @Test("the table has what one reads first, and says how it was measured")
    func table() {
        let lines = FiguresBlock(results, pictures: ".").text.split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("|") }.map {
            $0.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }
        #expect(
            rows.first == [
                "load", "stock TCP", "Baton (careful)", "× stock", "95 %", "Baton (exact)", "× stock", "95 %",
                "initcwnd 400", "careful × initcwnd 400", "retransmitted",
            ])
        #expect(
            rows.last == [
                "100kB", "611", "418", "0.68", "0.68…0.69", "306", "0.50", "0.50…0.50", "415", "1.01", "0 / 3 / 0",
            ])
        let text = lines.joined(separator: " ")
        #expect(text.contains("Medians of 6 runs of Baton 0.1, under the policy that the column names"))
        #expect(text.contains("on Linux 6.18.0-test with 2 processors; 1 run was discarded"))
    }

    @Test("bold is what is slower than stock, of either policy: by the interval as shown, or else by the median")
    func bold() {
        func block(careful: [Double], exact: [Double]) -> String {
            let stock = SyntheticResults.samples(.stock, [100, 100, 100, 100, 100, 100])
            let others = SyntheticResults.samples(.careful, careful) + SyntheticResults.samples(.exact, exact)
            return FiguresBlock(
                RecordedResults(headers: [SyntheticResults.header], samples: stock + others), pictures: "."
            ).text.split(separator: "\n").joined(separator: " ")
        }
        let six = { (value: Double) in Array(repeating: value, count: 6) }
        let none = block(careful: six(100.4), exact: [101, 101])
        #expect(!none.contains("**") && none.contains("nowhere slower"))
        let both = block(careful: six(103), exact: [150, 160])
        #expect(both.contains(" **1.03** ") && both.contains(" **1.55** ") && !both.contains("nowhere slower"))
        // half of it may be chance
        #expect(!block(careful: [90, 90, 90, 120, 120, 120], exact: []).contains("**"))
    }

    @Test("it tells scenarios apart only where there are several")
    func scenarios() {
        var several = results
        several.samples += SyntheticResults.samples(.stock, [1, 2, 3], scenario: "lossy")
        several.samples += SyntheticResults.samples(.careful, [2, 4, 6], scenario: "lossy")
        let text = FiguresBlock(several, pictures: ".").text
        #expect(text.contains("| scenario |") && text.contains("| lossy "))
        // where it does harm, that leaps to the eye
        #expect(text.contains(" **2.00** "))
        #expect(!FiguresBlock(results, pictures: ".").text.contains("scenario"))
    }

    @Test(
        "a page without its markers is refused",
        arguments: [
            "", "<!-- figures: begin -->\n", "<!-- figures: end -->\n<!-- figures: begin -->\n",
            "<!-- figures: begin -->\n<!-- figures: begin -->\n<!-- figures: end -->\n",
            "text <!-- figures: begin -->\n<!-- figures: end -->\n",
        ])
    func markers(page: String) {
        #expect(throws: ResultsError.self) { try FiguresBlock(results, pictures: ".").replaced(in: page) }
    }

    @Test("of each scenario it quotes the load of 1 MB, or else the last")
    func loads() {
        var several = results
        for (load, time) in [("100kB", 100.0), ("1MB", 200), ("5MB", 300)] {
            several.samples += [Treatment.stock, .careful].flatMap { treatment in
                SyntheticResults.samples(
                    treatment, [time, time, time], scenario: "three", load: Load(load) ?? .body(ByteCount(bytes: 1)))
            }
        }
        let rows = FiguresBlock(several, pictures: ".").text.split(separator: "\n").filter { $0.hasPrefix("|") }
        #expect(rows.filter { $0.contains("three") }.count == 1)
        #expect(rows.contains { $0.contains("three") && $0.contains("1MB") })
        #expect(rows.contains { !$0.contains("three") && $0.contains("100kB") })
    }

    @Test("the README quotes the data that lie beside its picture, and nothing else")
    func readme() throws {
        let page = try String(contentsOfFile: projectDirectory + "/README.md", encoding: .utf8)
        let data = ResultsFile(in: projectDirectory + "/Documentation/figures")
        guard FileManager.default.fileExists(atPath: data.path) || FiguresBlock.isWanted(in: page) else { return }
        // without data, this names the file that is missing
        let block = FiguresBlock(try data.read(), pictures: "Documentation/figures")
        #expect(
            try block.replaced(in: page) == page,
            "run `baton-lab report Documentation/figures --readme README.md`")
    }
}
