// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Measurements
import Testing

/// The Python that `scripts/bootstrap bench` installs matplotlib for.
private enum Python {
    static let path = projectDirectory + "/.build/python/bin/python"
    /// Whether matplotlib is there; where CI=true it has to be, and the tests fail without.
    static let isExpected =
        ProcessInfo.processInfo.environment["CI"] == "true" || system("\(path) -c 'import matplotlib' 2>/dev/null") == 0
}

/// `scripts/plot`, where its Python is installed.
@Suite(.enabled(if: Python.isExpected, "needs matplotlib: run scripts/bootstrap bench"))
struct PlotTests {
    /// Draws, and returns the pictures by name.
    private func draw(_ directory: String, to output: String, options: String = "") throws -> [String: Data] {
        let script = "\(Python.path) \(projectDirectory)/scripts/plot"
        let command = "\(script) '\(directory)' '\(output)' \(options) >/dev/null"
        #expect(system(command) == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: output)
        return Dictionary(
            uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: "\(output)/\($0)"))) })
    }

    @Test("the same data give the same pictures, each as SVG and as PNG")
    func deterministic() throws {
        try withTemporaryDirectory { directory in
            try SyntheticResults.write(to: directory + "/run", scenarios: ["baseline"])
            let pictures = try draw(directory + "/run", to: directory + "/one")
            let stems = ["cwnd-baseline", "times-baseline", "ratios"]
            #expect(Set(pictures.keys) == Set(stems.flatMap { ["\($0).svg", "\($0).png"] }))
            #expect(try draw(directory + "/run", to: directory + "/two") == pictures)
        }
    }

    @Test("what a picture shows has names that one can search for, and no date")
    func searchable() throws {
        try withTemporaryDirectory { directory in
            try SyntheticResults.write(to: directory + "/run", scenarios: ["baseline"])
            let pictures = try draw(directory + "/run", to: directory + "/one", options: "--only ratios --format svg")
            #expect(Array(pictures.keys) == ["ratios.svg"])
            let svg = String(decoding: try #require(pictures["ratios.svg"]), as: UTF8.self)
            #expect(svg.contains(">exact</text>") && svg.contains("prefers-color-scheme: dark"))
            #expect(!svg.contains("dc:date"))
            let results = try ResultsFile(in: directory + "/run").read()
            for finding in Analysis(results).findings {
                let ratio = "\((finding.ratio.value * 100).rounded() / 100)"
                #expect(svg.contains(">\(ratio)</text>") || svg.contains(">\(ratio)0</text>"), "\(ratio)")
            }
        }
    }
    @Test("the README's picture shows the data that lie beside it")
    func readme() throws {
        let figures = projectDirectory + "/Documentation/figures"
        guard FileManager.default.fileExists(atPath: figures + "/results.jsonl") else { return }
        try withTemporaryDirectory { directory in
            let pictures = try draw(figures, to: directory, options: "--only summary --format svg")
            let picture = try Data(contentsOf: URL(filePath: "\(figures)/\(FiguresBlock.picture)"))
            #expect(pictures[FiguresBlock.picture] == picture, "run `\(Self.drawing)`")
        }
    }

    private static let drawing = "scripts/plot Documentation/figures Documentation/figures --only summary --format svg"
}
