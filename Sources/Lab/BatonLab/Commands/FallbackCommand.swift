// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import PathEmulator
import Scenarios

/// One fallback of one real client.
struct FallbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fallback", abstract: "Let a real client fall back once, and print the time that it took.",
        discussion: """
            The client learns the path over HTTP/3. Then UDP is cut, and the client falls back by itself. Prints one \
            JSON object: the time from the cut to the last byte and its parts, the connections that followed, and the \
            path's counters since the cut. Discard the times if it says "spoiled": true.
            """)

    @OptionGroup(title: "Path")
    var path: PathOptions

    @Option(help: ArgumentHelp("The client: curl or chromium.", valueName: "name"))
    var client = Scenario.Client.curl

    @Option(
        help: ArgumentHelp("What the client requests: `1MB`, or with chromium `page 30 x 20kB`.", valueName: "load"))
    var load: Load?

    @Option(
        help: ArgumentHelp(
            "What happens to UDP: drop, reject (ICMP port unreachable), or the rate that it is throttled to.",
            valueName: "outage"))
    var udp = "drop"

    @Option(
        help: ArgumentHelp(
            "TCP connections after the fallback, while the client marks HTTP/3 as broken.", valueName: "number"))
    var following = 0

    @Flag(help: "Serve without handover.")
    var noHandover = false

    @Flag(name: .customLong("ipv6"), help: "Use IPv6 instead of IPv4.")
    var ipv6 = false

    @Option(help: ArgumentHelp("TCP's congestion control: cubic, reno, bbr.", valueName: "name"))
    var congestionControl = "cubic"

    @Option(
        help: ArgumentHelp(
            "QUIC's idle timeout: after this long without a packet libcurl gives up.", valueName: "time"))
    var idleTimeout = TimeSpan(nanoseconds: 5_000_000_000)

    @Option(help: ArgumentHelp("Time limit for one request or page.", valueName: "time"))
    var limit = TimeSpan(nanoseconds: 60_000_000_000)

    @Option(help: ArgumentHelp("The Chromium to run.", valueName: "file"))
    var chromium = "chromium"

    @OptionGroup(title: "Programs")
    var programs: ProgramOptions

    func validate() throws {
        guard client != .plain else { throw ValidationError("--client plain speaks only TCP; use curl or chromium") }
        guard outage != nil else {
            throw ValidationError("--udp '\(udp)' is not 'drop', 'reject' or a rate such as '256kbit'")
        }
        guard (0...100).contains(following) else {
            throw ValidationError("--following \(following) is not within 0…100")
        }
        guard limit.nanoseconds >= 1_000_000 else { throw ValidationError("--limit \(limit) is shorter than 1ms") }
        try Arguments.check(congestionControl: congestionControl)
        try Arguments.check(idleTimeout: idleTimeout)
        let type: any FallingBackClient.Type = client == .chromium ? ChromiumFallback.self : CurlFallback.self
        if let objection = type.objection(to: measured) { throw ValidationError("--load: \(objection)") }
    }

    func run() throws {
        let browser = (path: chromium, advice: "run `scripts/bootstrap chromium`, or name it with --chromium")
        try programs.preflight(further: client == .chromium ? [browser] : [])
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        let command = Command(signals: signals)
        try Leftovers.sweep(command)
        try Teardown.around { teardown in
            let directory = try RunDirectory.make(LabNames(), teardown)
            let learning = ServedContent.learningBytes(rate: path.rate, roundTrip: path.rtt)
            let files = try ServerFiles(in: directory, bodyBytes: learning, command)
            let testbed = try Testbed(
                plan: path.plan, seed: path.seed, congestionControl: congestionControl, directory: directory,
                signals: signals, teardown)
            let address = ipv6 ? testbed.server.address6 : testbed.server.address4
            let server = try BatonServer(
                baton: programs.baton, files: files, address: address, handover: noHandover ? nil : [],
                idleTimeout: idleTimeout, in: testbed, number: 1, teardown)
            let setting = ClientSetting(
                namespace: testbed.client.namespace, serverAddress: address, root: files.root,
                certificate: files.certificate, learningBytes: learning, python: programs.python,
                directory: directory.path, limit: limit, signals: signals)
            try withExtendedLifetime(server) { try JSONLine.print(fallBack(setting, testbed)) }
        }
    }

    private func fallBack(_ setting: ClientSetting, _ testbed: Testbed) throws -> Report {
        let udp = outage ?? .drop
        let client: any FallingBackClient =
            self.client == .chromium
            ? ChromiumFallback(setting: setting, chromium: chromium) : CurlFallback(setting: setting, udp: udp)
        Progress.say("\(self.client.rawValue) learns the path over HTTP/3")
        let times = try client.run(
            measured, following: following,
            cut: {
                Progress.say("cutting UDP (\(self.udp))")
                _ = try testbed.path.takeReport()
                _ = try UDPOutage.begin(udp, in: testbed)
            },
            beforeTCP: {
                // what the kernel learned on earlier connections must not help this one
                try testbed.server.flushMetrics(testbed.command)
                try testbed.client.flushMetrics(testbed.command)
            })
        let path = try testbed.path.takeReport()
        return Report(
            client: self.client, load: measured, udp: self.udp, times: times, path: path, spoiled: path.spoiled)
    }

    /// The result. Schema 1: keys may be added, never changed.
    private struct Report: Encodable {
        var schema = 1
        let client: Scenario.Client
        let load: Load
        let udp: String
        let times: FallbackTimes
        /// Since the cut.
        let path: PathReport
        let spoiled: Bool
    }

    private var measured: Load {
        load
            ?? (client == .chromium
                ? .page(objects: 30, each: ByteCount(bytes: 20_000)) : .body(ByteCount(bytes: 1_000_000)))
    }

    private var outage: Scenario.UDPOutage? {
        switch udp {
        case "drop": .drop
        case "reject": .reject
        default: BitRate(udp).map { .throttle($0) }
        }
    }
}
