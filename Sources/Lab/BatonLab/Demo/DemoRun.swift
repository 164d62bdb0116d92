// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// One treatment on a path of its own, so that nothing a kernel learns carries over from one treatment to the next.
struct DemoRun {
    let options: DemoOptions
    let files: ServerFiles
    let directory: RunDirectory
    let signals: SignalDescriptor

    /// Runs it once.
    ///
    /// - Throws: `LabError` if an expected step did not happen, `Interruption` at a signal.
    func callAsFunction(_ treatment: DemoTreatment, number: Int) throws -> DemoTrial {
        try Teardown.around { teardown in
            Progress.say("\(treatment.title): creating namespaces and path")
            let testbed = try Testbed(
                plan: options.path.plan, seed: options.path.seed, congestionControl: options.congestionControl,
                directory: directory, signals: signals, teardown)
            if !testbed.path.realTime {
                Progress.say("the path emulator got no real-time scheduling; expect it to be late")
            }
            if treatment == .bound {
                try testbed.server.setRoutes(initialWindow: DemoTreatment.boundSegments, testbed.command)
            }
            let (server, client) = (testbed.server, testbed.client)
            let serverAddress = options.ipv6 ? server.address6 : server.address4
            let baton = try BatonServer(
                baton: options.programs.baton, files: files, address: serverAddress,
                handover: treatment == .withHandover ? ["--policy", options.policy.rawValue] : nil,
                idleTimeout: options.idleTimeout, in: testbed, number: number, teardown)
            Progress.say(
                "\(treatment.title): server ready, client asks for \(Text.grouped(files.bodyBytes)) bytes over HTTP/3")
            let process = try startClient(testbed, serverAddress: serverAddress, number: number, teardown)
            return try follow(
                process, treatment, testbed, baton, clientAddress: options.ipv6 ? client.address6 : client.address4)
        }
    }

    private func startClient(
        _ testbed: Testbed, serverAddress: String, number: Int, _ teardown: Teardown
    ) throws -> ChildProcess {
        let (host, port) = (ServerFiles.host, BatonServer.port)
        let address = serverAddress.contains(":") ? "[\(serverAddress)]" : serverAddress
        let process = try ChildProcess(
            "the client",
            [
                options.programs.python, files.clientScript, "https://\(host):\(port)/body.bin",
                "\(host):\(port):\(address)",
                files.certificate, files.bodySHA256, "\(files.bodyBytes)", "\(files.bodyBytes / 5)",
                "\(requestLimit.nanoseconds / 1_000_000_000)",
            ],
            in: testbed.client.namespace, diagnostics: .log("\(directory.path)/client-\(number).log"))
        teardown.add("the client") { process.stop() }
        return process
    }

    /// Follows the client from its first request to its last byte.
    private func follow(
        _ process: ChildProcess, _ treatment: DemoTreatment, _ testbed: Testbed, _ baton: BatonServer,
        clientAddress: String
    ) throws -> DemoTrial {
        let first = try next("response", of: process)
        Progress.say("\(treatment.title): whole body over HTTP/3 in \(milliseconds(first)); asking again")
        let block = try next("block_udp", of: process)
        _ = try UDPOutage.begin(.drop, in: testbed)
        Progress.say("\(treatment.title): UDP blocked after \(Text.grouped(block.bytes ?? 0)) bytes")
        let giveUp = try next("gave_up", of: process)
        Progress.say("\(treatment.title): client gave up on QUIC after \(milliseconds(giveUp)); falling back to TCP")

        // libcurl may have tried TCP beside QUIC at first; the kernel must not have learned from that
        try testbed.server.flushMetrics(testbed.command)
        try testbed.client.flushMetrics(testbed.command)
        let sample = treatment == .withHandover ? try baton.sample(of: clientAddress) : nil
        let retransmitsBefore = try TCPCounters.retransmittedSegments(in: testbed.server.namespace)
        let quicReport = try testbed.path.takeReport()
        process.write("go\n")
        let last = try next("tcp_response", of: process)
        let accepted = try baton.accepted(from: clientAddress)
        let tcpReport = try testbed.path.takeReport()
        let retransmits = try TCPCounters.retransmittedSegments(in: testbed.server.namespace) - retransmitsBefore
        guard let at100KB = last.milliseconds100KB, let at1MB = last.milliseconds1MB, let atEnd = last.millisecondsBody
        else { throw LabError("the client reported no times for the body\(process.logTail)") }
        Progress.say(
            "\(treatment.title): whole body over TCP (HTTP/\(last.httpVersion ?? "?")) in "
                + "\(Text.decimal(atEnd, digits: 0)) ms, \(retransmits) retransmits")
        let (decision, phases) = try baton.decision(for: accepted)
        return DemoTrial(
            treatment: treatment, milliseconds100KB: at100KB, milliseconds1MB: at1MB, millisecondsBody: atEnd,
            retransmits: retransmits, giveUpMilliseconds: giveUp.milliseconds ?? 0,
            requestToConnectMilliseconds: last.requestToConnectMilliseconds ?? 0,
            httpVersions: [first.httpVersion ?? "?", last.httpVersion ?? "?"],
            accepted: accepted, sample: sample, decision: decision, phases: phases, quicReport: quicReport,
            tcpReport: tcpReport)
    }

    /// The client's next line, which must be of this kind.
    private func next(_ event: String, of process: ChildProcess) throws -> ClientEvent {
        let limit = TimeSpan(nanoseconds: requestLimit.nanoseconds + 10_000_000_000)
        guard let line = try process.nextLine(within: limit, signals: signals) else {
            throw LabError("the client ended before it reported '\(event)'\(process.logTail)")
        }
        let found = try JSONLine.decode(ClientEvent.self, from: line, of: process.name)
        guard found.event == event else {
            throw LabError("the client: \(found.message ?? "reported '\(found.event)' instead of '\(event)'")")
        }
        return found
    }

    /// Time limit for one request: enough for slow start and loss, short enough not to hang.
    private var requestLimit: TimeSpan {
        let transfer = files.bodyBytes * 8 * 1_000 / max(1, options.path.rate.bitsPerSecond / 1_000_000)
        return TimeSpan(nanoseconds: 30_000_000_000 + 4 * transfer + 100 * options.path.rtt.nanoseconds)
    }

    private func milliseconds(_ event: ClientEvent) -> String {
        "\(Text.decimal(event.milliseconds ?? 0, digits: 0)) ms"
    }
}
