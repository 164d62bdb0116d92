// SPDX-License-Identifier: Apache-2.0

import BatonLab
import Foundation
import Scenarios
import Testing

/// The command `list` as one runs it, and names as `list` shows them.
@Suite struct ListTests {
    private struct Outcome {
        let status: Int32
        let output: String
        let diagnostics: String
    }

    private struct Listing: Decodable {
        struct Item: Decodable {
            let name: String
            let rtt_ns: Int64
            let measurements: Int
        }
        struct Broken: Decodable {
            let file: String
            let problems: [ScenarioError.Problem]
        }
        let schema: Int
        let scenarios: [Item]
        let broken: [Broken]
    }

    private static func list(_ options: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
            .appendingPathComponent("baton-lab")
        process.arguments = ["list"] + options
        let (output, diagnostics) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, diagnostics)
        try process.run()
        // the diagnostics are short: they fit into their pipe while the output is read
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let told = String(decoding: diagnostics.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: text, diagnostics: told)
    }

    /// Runs `body` with a directory that has one scenario and, if asked for, a file that is none.
    private static func withDirectory(broken: Bool, _ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("list-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let good = "title: Good\nabout: b\nsets: [quick]\npath: {rtt: 30ms, down: {rate: 50Mbit}}\n"
        try Data(good.utf8).write(to: directory.appendingPathComponent("good.yaml"))
        if broken {
            try Data("\(good)rounds: 0\n".utf8).write(to: directory.appendingPathComponent("broken.yaml"))
        }
        try body(directory.path)
    }

    @Test("the catalogue beside the program is found")
    func catalogue() throws {
        let outcome = try Self.list(["--json"])
        let listing = try JSONDecoder().decode(Listing.self, from: Data(outcome.output.utf8))
        #expect((outcome.status, outcome.diagnostics, listing.schema) == (0, "", 1))
        #expect(listing.broken.isEmpty)
        #expect(listing.scenarios.first { $0.name == "baseline" }?.rtt_ns == 100_000_000)
    }

    @Test("a broken file is told, the others are listed, and the status is 78", arguments: [[], ["--json"]])
    func brokenFile(options: [String]) throws {
        try Self.withDirectory(broken: true) { directory in
            let outcome = try Self.list(options + ["--scenarios", directory])
            let problem =
                "\(directory)/broken.yaml:5: rounds: '0' is out of range; expected a whole number within 1…1000"
            #expect(outcome.status == 78)
            #expect(
                outcome.diagnostics == "\(problem)\nbaton-lab: a scenario of \(directory) can't be read\n")
            guard !options.isEmpty else {
                #expect(outcome.output.split(separator: "\n").last?.hasPrefix("good  50M   30ms") == true)
                return
            }
            let listing = try JSONDecoder().decode(Listing.self, from: Data(outcome.output.utf8))
            #expect(listing.scenarios.map(\.name) == ["good"])
            #expect(listing.scenarios.map(\.measurements) == [48])
            #expect(listing.broken.map(\.file) == ["\(directory)/broken.yaml"])
            #expect(listing.broken.first?.problems.first?.line == 5)
        }
    }

    @Test func emptySet() throws {
        try Self.withDirectory(broken: false) { directory in
            let outcome = try Self.list(["--scenarios", directory, "--set", "readme"])
            #expect(outcome.status == 64)
            #expect(outcome.diagnostics == "baton-lab: no scenario is in the set 'readme'; the sets are quick\n")
            let json = try Self.list(["--scenarios", directory, "--set", "readme", "--json"])
            #expect((json.status, json.output) == (0, "{\"broken\":[],\"scenarios\":[],\"schema\":1}\n"))
        }
    }

    @Test("scenarios are asked for by name, or by file")
    func names() throws {
        try Self.withDirectory(broken: true) { directory in
            var options = ScenarioOptions()
            options.scenarios = directory
            let byName = try options.scenarios(named: ["good"])
            // a file needs no catalogue
            options.scenarios = "/nowhere"
            let byFile = try options.scenarios(named: ["\(directory)/good.yaml"])
            options.scenarios = directory
            #expect(byName == byFile)
            #expect(byName.map(\.name) == ["good"])
            for (name, told) in [
                ("god", "\(directory) has no scenario 'god'; expected good"),
                ("broken", "'broken' can't be read:\n\(directory)/broken.yaml:5: rounds: '0' is out of range"),
                ("./nothing.yaml", "./nothing.yaml: can't be read: No such file or directory"),
            ] {
                let error = #expect(throws: LabError.self) { try options.scenarios(named: [name]) }
                #expect(error?.status == .configuration)
                #expect(error?.description.contains(told) == true, "\(error as Any)")
            }
        }
    }
}
