// SPDX-License-Identifier: Apache-2.0

import Foundation
import Measurements
import PathEmulator
import Scenarios
import Testing

/// Arguments are checked before anything of the machine is looked up: programs, rights, files, the network.
@Suite struct ArgumentTests {
    private static let ends = ["--first", "a:x", "--second", "b:x"]
    private static let link =
        #"{"rate_bits_per_second":8,"delay_ns":2,"queue_bytes":1,"loss":{"none":{}},"jitter_ns":0}"#

    /// A command with an argument that it can't take, and what the message has to name.
    private static let commands: [(arguments: [String], named: String)] = [
        (["nonsense"], "'nonsense'"),
        (["demo", "--body", "1kB"], "1000 bytes"), (["demo", "--repeat", "0"], "--repeat 0"),
        (["demo", "--attempts", "21"], "--attempts 21"), (["demo", "--policy", "reckless"], "'reckless'"),
        (["demo", "--rtt", "soon"], "'soon'"), (["demo", "--rate", "200Gbit"], "rate 200000000000"),
        (["demo", "--queue", "1B"], "queue of 1"), (["demo", "--loss", "2"], "'2'"),
        (["demo", "--congestion-control", "vegas"], "'vegas'"), (["demo", "--idle-timeout", "99ms"], "99ms"),
        (["fallback", "--client", "plain"], "--client plain"), (["fallback", "--client", "lynx"], "'lynx'"),
        (["fallback", "--load", "page 2 x 1kB"], "client: chromium"),
        (["fallback", "--load", "upload 1kB"], "client: plain"), (["fallback", "--load", "lots"], "'lots'"),
        (["fallback", "--client", "chromium", "--load", "1kB"], "page 30"),
        (["fallback", "--udp", "perhaps"], "'perhaps'"), (["fallback", "--following", "101"], "--following 101"),
        (["fallback", "--limit", "999us"], "--limit 999"),
        (["fallback", "--idle-timeout", "601s"], "--idle-timeout 601s"),
        (["fallback", "--congestion-control", ""], "'' is none"),
        (["list", "--sort"], "'--sort'"),
        (["run"], "nothing to measure"), (["run", "x", "--repeat", "0"], "--repeat 0"),
        (["run", "x", "--attempts", "0"], "--attempts 0"), (["run", "x", "--treatments", "magic"], "'magic'"),
        (["run", "x", "--treatments", "stock,stock"], "'stock,stock'"), (["run", "x", "--resume"], "--results"),
        (["run", "x", "--seed", "x"], "'x'"),
        (["report"], "<directory>"), (["report", "/nowhere", "/there"], "'/there'"),
        (["compare", "/nowhere"], "<B>"), (["replay"], "<directory>"),
        (["replay", "/nowhere", "--rounds"], "'--rounds'"),
        (["up", "--queue", "none"], "'none'"), (["up", "--congestion-control", "a b"], "'a b'"),
        (["path"], "--first"), (["path", "--first", "a", "--second", "b:x"], "'a'"),
        (["path", "--first", "..:x", "--second", "b:x"], "'..:x'"),
        (["path", "--first", "a:0123456789abcdef", "--second", "b:x"], "'a:0123456789abcdef'"),
        (["path", "--first", "a:x", "--second", "a:x"], "a:x"), (["path"] + ends + ["--back-rate", "0"], "'0'"),
        (["path"] + ends + ["--back-delay", "61s"], "from the second end to the first: delay"),
        (["path"] + ends + ["--plan", "{}"], "stages is missing"),
        (["path"] + ends + ["--plan", #"{"stages":[{"forward":\#(link),"backward":\#(link)}]}"#], "queue of 1"),
        (["enter", "--parent", "1"], "<command>"), (["enter", "--parent", "me", "--", "true"], "'me'"),
        (["plain-server", "--listen", "localhost:1"], "'localhost:1'"),
        (["plain-client", "127.0.0.1:0", "--load", "1kB"], "127.0.0.1:0"), (["plain-client", "127.0.0.1:1"], "--load"),
        (["plain-client", "127.0.0.1:1", "--load", "page 2 x 1kB"], "page"),
        (["plain-client", "127.0.0.1:1", "--flow", "--wait"], "--flow"),
        (["plain-client", "127.0.0.1:1", "--load", "1kB", "--from", "::1"], "--from ::1"),
        (["plain-client", "127.0.0.1:1", "--load", "1kB", "--timeout", "0"], "--timeout 0"),
    ]

    @Test("without a program in PATH a bad argument still ends in status 64, and is named", arguments: commands)
    func usage(arguments: [String], named: String) throws {
        let (status, errors) = try Self.run(arguments)
        #expect(status == 64, "\(arguments): \(errors)")
        #expect(errors.contains(named), "\(arguments): \(errors)")
    }

    @Test("results that are in the way are reported before a program is missed")
    func resultsInTheWay() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("results-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = ResultsFile(in: directory)
        try file.append(
            RunHeader(
                startedAt: 1_700_000_000, kernelRelease: "6.18.0-test", processors: 2, virtualTime: false,
                versions: [:],
                seed: 42, rounds: nil, scenarios: [:]))
        try file.append(
            Sample(
                scenario: "baseline", treatment: .exact, congestionControl: "cubic", client: .plain,
                load: .body(ByteCount(bytes: 100_000)), round: 1, attempt: 1, seed: 43, startedAt: 1_700_000_000,
                lastByteMilliseconds: 100, retransmits: 0,
                path: PathReport(
                    elapsedNanoseconds: 1, forward: DirectionReport(), backward: DirectionReport(),
                    maxStallNanoseconds: 0)))
        for (options, named) in [([], "already has results"), (["--resume", "--seed", "1"], "--seed 42, not 1")] {
            let (status, errors) = try Self.run(["run", "baseline", "--results", directory] + options)
            #expect(status == 64, "\(errors)")
            #expect(errors.contains(directory) && errors.contains(named), "\(errors)")
        }
    }

    /// Runs `baton-lab` where no program is in PATH.
    private static func run(_ arguments: [String]) throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try LabSession.program())
        process.arguments = arguments
        process.environment = ["PATH": ""]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let diagnostics = Pipe()
        process.standardError = diagnostics
        try process.run()
        let errors = String(decoding: diagnostics.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, errors)
    }
}
