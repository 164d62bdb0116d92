// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// What a real QUIC connection learns of the path: the record that plain connections are given.
struct QUICSampling {
    let programs: ProgramOptions
    let files: ServerFiles
    let testbed: Testbed
    let signals: SignalDescriptor

    /// Serves a body over HTTP/3 on the path as it is at first, and reads what was saved for the client.
    ///
    /// - Parameter number: tells the logs and pins of one call from those of another.
    /// - Throws: `LabError` if no HTTP/3 was spoken or nothing was saved.
    func sample(_ scenario: Scenario, number: Int) throws -> Sample.Saved {
        try Teardown.around { teardown in
            let address = scenario.family == .ipv4 ? testbed.server.address4 : testbed.server.address6
            let server = try BatonServer(
                baton: programs.baton, files: files, address: address, handover: [],
                idleTimeout: scenario.idleTimeout, in: testbed, number: number, teardown)
            let (host, port) = (ServerFiles.host, BatonServer.port)
            // over a slow or long path the body takes its time
            let seconds =
                30 + files.bodyBytes * 32 / max(scenario.down.bitsPerSecond, 1)
                + 60 * scenario.roundTrip.nanoseconds / 1_000_000_000
            let client = try ChildProcess(
                "the HTTP/3 client",
                [
                    programs.python, files.sampleScript, "https://\(host):\(port)/body.bin",
                    "\(host):\(port):\(address.contains(":") ? "[\(address)]" : address)", files.certificate,
                    "\(seconds)",
                ],
                in: testbed.client.namespace, diagnostics: .log("\(testbed.directory.path)/client-\(number).log"))
            teardown.add("the HTTP/3 client") { client.stop() }
            let limit = TimeSpan(nanoseconds: (seconds + 10) * 1_000_000_000)
            guard let line = try client.nextLine(within: limit, signals: signals) else {
                throw LabError("the HTTP/3 client ended without a word\(client.logTail)")
            }
            let event = try JSONLine.decode(ClientEvent.self, from: line, of: client.name)
            guard event.event == "response" else {
                throw LabError("no HTTP/3 on the path of '\(scenario.name)': \(event.message ?? line)")
            }
            let remote = testbed.topology.remoteAddresses(scenario.family)[0]
            let saved = try server.sample(of: remote)
            return try Sample.Saved(saved)
        }
    }
}

extension Sample.Saved {
    /// The window and threshold so many times as large.
    func scaled(by factor: Double) -> Sample.Saved {
        Sample.Saved(
            cwndBytes: Int64(Double(cwndBytes) * factor),
            ssthreshBytes: ssthreshBytes.map { Int64(Double($0) * factor) },
            srttMicroseconds: srttMicroseconds, minRTTMicroseconds: minRTTMicroseconds)
    }

    /// - Throws: `LabError` if the server saved no round-trip time.
    init(_ saved: SavedSample) throws {
        guard let smoothed = saved.srttMicroseconds, let minimum = saved.minRTTMicroseconds else {
            throw LabError("`baton serve` saved a window without a round-trip time")
        }
        self.init(
            cwndBytes: saved.cwndBytes, ssthreshBytes: saved.ssthreshBytes, srttMicroseconds: smoothed,
            minRTTMicroseconds: minimum)
    }
}
