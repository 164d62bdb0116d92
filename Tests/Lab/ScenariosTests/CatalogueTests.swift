// SPDX-License-Identifier: Apache-2.0

import Foundation
import PathEmulator
import Scenarios
import Testing

@Suite struct CatalogueTests {
    static let directory =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scenarios").path

    @Test func everyFileReads() throws {
        let catalogue = try Catalogue(directory: Self.directory)
        #expect(catalogue.broken.map(\.description) == [])
        #expect(catalogue.scenarios.count >= 25)
        #expect(catalogue.scenarios.map(\.name) == catalogue.scenarios.map(\.name).sorted())
        for scenario in catalogue.scenarios {
            for link in [scenario.down, scenario.up] + scenario.changes.flatMap({ [$0.down, $0.up] }) {
                #expect(link.objection == nil, "\(scenario.name)")
            }
            // a set that nobody asks for would be left out without a word
            #expect(Set(scenario.sets).isSubset(of: ["quick", "readme"]), "\(scenario.name)")
            #expect(scenario.treatments.contains(.stock), "\(scenario.name)")
        }
    }

    @Test func baseline() throws {
        let scenario = try Catalogue(directory: Self.directory).scenario(named: "baseline")
        let link = LinkConfiguration(bitsPerSecond: 50_000_000, delayNanoseconds: 50_000_000, queueBytes: 625_000)
        #expect((scenario.down, scenario.up) == (link, link))
        #expect(scenario.loads.map(\.description) == ["100kB", "1MB", "5MB"])
        #expect(scenario.treatments == [.stock, .exact, .careful, .bound, .boundOpen])
        #expect(scenario.sets == ["readme"])
    }

    @Test("every kind of thing that a scenario can ask for is in the catalogue")
    func coverage() throws {
        let scenarios = try Catalogue(directory: Self.directory).scenarios
        #expect(Set(scenarios.map(\.client)) == Set(Scenario.Client.allCases))
        #expect(Set(scenarios.map(\.family)) == Set(Scenario.Family.allCases))
        #expect(Set(scenarios.compactMap(\.neighbour)) == Set(Scenario.Neighbour.allCases))
        #expect(Set(scenarios.flatMap(\.congestionControls)) == ["cubic", "reno", "bbr"])
        let simple: Set<Treatment> = [.stock, .tcpMetrics, .cwndebpf, .exact, .bound, .boundOpen, .warm]
        #expect(Set(scenarios.flatMap(\.treatments)).isSuperset(of: simple))
    }

    @Test(arguments: [
        ("baselin", "expected baseline"), ("pears", "expected peers"), ("home", "expected home-broadband"),
        ("zzzzzzzzzz", "expected one of baseline, baseline-bbr, "),
    ])
    func unknownName(name: String, expected: String) throws {
        let catalogue = try Catalogue(directory: Self.directory)
        let failure = #expect(throws: Catalogue.Failure.self) { try catalogue.scenario(named: name) }
        #expect(failure?.description.contains("has no scenario '\(name)'; \(expected)") == true, "\(failure as Any)")
    }

    @Test("a broken file is told, and the others are read")
    func brokenFiles() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("scenarios-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        #expect(
            throws: Catalogue.Failure(
                description: "\(directory.path) has no scenarios; expected files that end with .yaml")
        ) {
            try Catalogue(directory: directory.path)
        }
        func write(_ bytes: [UInt8], to name: String) throws {
            try Data(bytes).write(to: directory.appendingPathComponent(name))
        }
        try write(Array(Sample.least.utf8), to: "good.yaml")
        try write(Array(Sample.least.utf8), to: "Bad Name.yaml")
        try write(Array("rounds: 3".utf8), to: "few.yaml")
        try write([0x61, 0xff], to: "no-text.yaml")
        try write(Array("anything".utf8), to: "notes.md")
        try FileManager.default.createDirectory(
            at: directory.appendingPathComponent("folder.yaml"), withIntermediateDirectories: false)
        let catalogue = try Catalogue(directory: directory.path)
        #expect(catalogue.scenarios.map(\.name) == ["good"])
        let lines = catalogue.broken.flatMap { $0.description.split(separator: "\n") }
        #expect(
            lines.map { $0.replacing("\(directory.path)/", with: "") } == [
                "Bad Name.yaml: 'Bad Name.yaml' is not a scenario's name; expected lower-case letters, digits and single "
                    + "hyphens, and the extension .yaml, as in two-words.yaml",
                "few.yaml:1: title: is missing; expected a one-line title",
                "few.yaml:1: about: is missing; expected why it is measured, and what to expect",
                "few.yaml:1: path: is missing; expected a section with rtt and down",
                "folder.yaml: can't be read: Is a directory; expected a scenario in YAML",
                "no-text.yaml: can't be read: it is not UTF-8; expected a scenario in YAML",
            ])
        #expect(throws: ScenarioError.self) { try catalogue.scenario(named: "few") }
    }

    @Test("a file with a line missing, doubled or cut is read, or refused with lines that it has")
    func damagedFiles() throws {
        for scenario in try Catalogue(directory: Self.directory).scenarios {
            let lines = scenario.source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for index in lines.indices {
                let cut = String(lines[index].prefix(lines[index].count * 2 / 3))
                for replacement in [[], [lines[index], lines[index]], [cut], ["\(lines[index]) ["]] {
                    var damaged = lines
                    damaged.replaceSubrange(index...index, with: replacement)
                    do throws(ScenarioError) {
                        _ = try Scenario(name: scenario.name, parsing: damaged.joined(separator: "\n"))
                    } catch {
                        let places = error.problems.map(\.line)
                        #expect(places.allSatisfy { (1...damaged.count).contains($0 ?? 0) }, "\(error)")
                    }
                }
            }
        }
    }

    @Test func missingDirectory() {
        let failure = Catalogue.Failure(
            description: "/nowhere: No such file or directory; expected a directory of scenarios")
        #expect(throws: failure) { try Catalogue(directory: "/nowhere") }
    }
}
