// SPDX-License-Identifier: Apache-2.0

import BatonLab
import Foundation
import PathEmulator
import Scenarios
import Testing

extension Tag {
    /// A test that runs Chromium. Where it isn't installed the test is skipped, except in CI: it takes 400 MB.
    @Tag static var chromium: Self
}

/// Real clients fall back on a short path, with the server that `baton` is. One at a time: they measure.
@Suite(.serialized, .enabled(if: LabSession.isPossible, "needs root: namespaces, TUN devices, cgroups"))
struct ClientTests {
    /// What `baton-lab fallback` prints.
    private struct Report: Decodable {
        let times: FallbackTimes
        let path: PathReport
    }

    /// Runs `baton-lab fallback` once: its exit status, what it printed, and what it said on standard error.
    private func run(_ options: [String]) throws -> (status: Int32, output: Data, errors: String) {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("fallback-\(UUID().uuidString).log")
            .path
        guard FileManager.default.createFile(atPath: log, contents: nil), let errors = FileHandle(forWritingAtPath: log)
        else { throw LabSession.Failure(message: "\(log) cannot be written") }
        defer { try? FileManager.default.removeItem(atPath: log) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try LabSession.program())
        process.arguments = ["fallback", "--rtt", "20ms"] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, text, try String(contentsOfFile: log, encoding: .utf8))
    }

    /// Falls back until the emulator says that it was in time.
    private func fallBack(_ options: [String]) throws -> FallbackTimes {
        try Patience.measure {
            let (status, output, errors) = try run(options)
            guard status == 0 else { throw LabSession.Failure(message: errors) }
            let report = try JSONDecoder().decode(Report.self, from: output)
            return report.path.spoiled
                ? (nil, "the path emulator was late or lost packets: \(report.path)") : (report.times, "")
        }
    }

    /// The parts of the time from the break to the last byte add up to it.
    private func expectPartsToAddUp(_ times: FallbackTimes) throws {
        let detection = try #require(times.detectionMilliseconds)
        let connection = try #require(times.connectionMilliseconds)
        let transfer = try #require(times.transferMilliseconds)
        #expect(detection > 0)
        // TCP and TLS 1.3 take a round trip each
        #expect(connection > 40)
        #expect(transfer > 20)
        #expect(abs(detection + connection + transfer - times.breakToLastByteMilliseconds) < 5)
        // two round trips for the handshakes, one for the request
        #expect(try #require(times.firstByteMilliseconds) > 60)
        #expect(times.lastByteMilliseconds >= (times.firstByteMilliseconds ?? 0))
        #expect(times.lastByteMilliseconds < times.breakToLastByteMilliseconds)
        #expect(times.clientPort != nil)
    }

    @Test("libcurl gives QUIC up when it has been idle for too long, and falls back", arguments: ["1MB", "15kB"])
    func curlDropped(load: String) throws {
        let times = try fallBack(["--load", load, "--following", "3", "--idle-timeout", "5s"])
        try expectPartsToAddUp(times)
        #expect(times.httpVersionsBefore == ["3"])
        #expect(times.httpVersions == ["2"])
        #expect(times.followingMilliseconds.count == 3)
        #expect(times.followingMilliseconds.allSatisfy { $0 > 60 })
    }

    @Test("UDP that is rejected is noticed sooner than UDP that is dropped", arguments: [[], ["--ipv6"]])
    func curlRejected(family: [String]) throws {
        let rejected = try fallBack(["--udp", "reject", "--load", "100kB", "--idle-timeout", "10s"] + family)
        try expectPartsToAddUp(rejected)
        #expect(rejected.httpVersions == ["2"])
        // only the idle timeout ends it
        let dropped = try fallBack(["--udp", "drop", "--load", "100kB", "--idle-timeout", "10s"] + family)
        #expect(try #require(rejected.detectionMilliseconds) < (try #require(dropped.detectionMilliseconds)))
    }

    @Test("UDP that is throttled carries the load itself, and the time tells how slowly")
    func curlThrottled() throws {
        let times = try fallBack(["--udp", "256kbit", "--load", "100kB", "--following", "3"])
        #expect(times.httpVersions == ["3"])
        #expect(times.detectionMilliseconds == nil)
        #expect(times.followingMilliseconds.isEmpty)
        // 100 kB at 32 kB a second, less the second's worth that passes at once
        #expect(times.lastByteMilliseconds > 1500)
    }

    @Test("a request that takes too long ends in an error and not in a wait")
    func limit() throws {
        var said = ""
        // where the machine is slow, the requests before it may take too long as well
        for limit in ["5s", "25s", "125s"] where !said.contains("the load failed 3 times") {
            let (status, _, errors) = try run(["--udp", "8kbit", "--load", "1MB", "--limit", limit])
            #expect(status == 1)
            said = errors
        }
        #expect(said.contains("the load failed 3 times"))
    }

    @Test(
        "Chromium loads a page of 30 objects over HTTP/3, and after the cut over HTTP/2",
        .tags(.chromium), .enabled(if: ClientTests.hasChromium, "needs Chromium: run scripts/bootstrap chromium"))
    func chromium() throws {
        let times = try fallBack(["--client", "chromium", "--udp", "reject", "--following", "2"])
        try expectPartsToAddUp(times)
        #expect(times.httpVersionsBefore == Array(repeating: "3", count: 31))
        #expect(times.httpVersions == Array(repeating: "2", count: 31))
        #expect(times.followingMilliseconds.count == 2)
        #expect(times.followingMilliseconds.allSatisfy { $0 > 60 })
        // the load event is the last of a page
        #expect(try #require(times.pageLoadMilliseconds) >= times.lastByteMilliseconds)
    }

    /// In CI it is run in any case, so that a machine without Chromium fails there.
    private static let hasChromium: Bool = {
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        let path = ProcessInfo.processInfo.environment["PATH", default: "/usr/bin"]
        return path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/chromium") }
    }()

    @Test(
        "a load that the client can't load is refused before any program is looked up, and the error names what to use",
        arguments: [
            ("curl", "page 2 x 1kB", "chromium"), ("curl", "upload 1kB", "plain"), ("chromium", "1kB", "page 30"),
        ])
    func unfit(client: String, load: String, advice: String) throws {
        let missing = ["--baton", "/nowhere", "--python", "/nowhere", "--chromium", "/nowhere"]
        let (status, _, errors) = try run(["--client", client, "--load", load] + missing)
        #expect(status == 64)
        #expect(errors.contains("'\(load)'"))
        #expect(errors.contains(advice))
    }

    @Test("time for which the lab held the client is not counted")
    func timeline() throws {
        func event(_ text: String) throws -> FallbackEvent {
            try JSONDecoder().decode(FallbackEvent.self, from: Data(text.utf8))
        }
        let learned = try event(#"{"event": "learned", "http_versions": ["3"]}"#)
        let loaded = try event(
            """
            {"event": "loaded", "http_versions": ["2"], "client_port": 7, "started_ns": 700000000,
            "connect_ns": 800000000, "connected_ns": 850000000, "first_byte_ns": 875000000, "last_byte_ns": 900000000}
            """)
        let followed = try event(#"{"event": "followed", "connect_ns": 1000000, "last_byte_ns": 3500000}"#)
        var timeline = FallbackTimeline(
            brokeAt: 100_000_000, gaveUpAt: 400_000_000, heldAt: 400_000_000, resumedAt: 700_000_000)
        let times = try timeline.times(learned: learned, loaded: loaded, followed: [followed])
        #expect(times.breakToLastByteMilliseconds == 500)
        #expect(times.detectionMilliseconds == 300)
        #expect(times.connectionMilliseconds == 150)
        #expect(times.transferMilliseconds == 50)
        #expect(times.firstByteMilliseconds == 75)
        #expect(times.lastByteMilliseconds == 100)
        #expect(times.followingMilliseconds == [2.5])
        // a client that doesn't say when it gave up did so when it connected
        timeline.gaveUpAt = nil
        let silent = try timeline.times(learned: learned, loaded: loaded, followed: [])
        #expect(silent.detectionMilliseconds == 400)
        #expect(silent.connectionMilliseconds == 50)
    }

    @Test("a page has as many objects as it should, of the size that they should have")
    func page() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("page-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let sizes = [1, 57, 1000, 20_000]
        for size in sizes {
            let path = try ServedContent.place(try #require(Load("page 3 x \(size)B")), in: root)
            let files = try FileManager.default.contentsOfDirectory(atPath: root + path).sorted()
            #expect(files == ["0.bmp", "1.bmp", "2.bmp", "index.html"])
            let page = try String(contentsOfFile: "\(root)\(path)index.html", encoding: .utf8)
            for file in files.dropLast() {
                #expect(page.contains("src=\"\(file)\""))
                #expect(FileManager.default.contents(atPath: "\(root)\(path)\(file)")?.count == size)
            }
        }
    }

    @Test("a body to learn from spans four bandwidth-delay products and a second, and takes no age on a slow path")
    func learning() throws {
        func bytes(_ rate: String, _ roundTrip: String) throws -> Int64 {
            ServedContent.learningBytes(
                rate: try #require(BitRate(rate)), roundTrip: try #require(TimeSpan(roundTrip)))
        }
        #expect(try bytes("50Mbit", "100ms") == 6_250_000)
        #expect(try bytes("20Mbit", "600ms") == 6_000_000)
        #expect(try bytes("500Mbit", "20ms") == 62_500_000)
        #expect(try bytes("2Mbit", "50ms") == 2_000_000)
        #expect(try bytes("100kbit", "50ms") == 1_000_000)
    }
}
