// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// Has a real QUIC connection learn the path. Its record is what connections of `client: plain` are given.
struct QUICSampling {
    let programs: ProgramOptions
    let files: ServerFiles
    let testbed: Testbed
    let signals: SignalDescriptor

    /// Serves a body over HTTP/3 on the path in its first state, and reads what was saved for the client.
    ///
    /// - Parameter number: distinguishes the logs and pins of this call from those of others.
    /// - Throws: `LabError` if HTTP/3 failed or nothing was saved.
    func sample(_ scenario: Scenario, number: Int) throws -> Sample.Saved {
        try Teardown.around { teardown in
            let address = scenario.family == .ipv4 ? testbed.server.address4 : testbed.server.address6
            let server = try BatonServer(
                baton: programs.baton, files: files, address: address, handover: [],
                idleTimeout: scenario.idleTimeout, in: testbed, number: number, teardown)
            let (host, port) = (ServerFiles.host, BatonServer.port)
            // enough for the body on a slow or long path
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
                throw LabError("the HTTP/3 client ended without a result\(client.logTail)")
            }
            let event = try JSONLine.decode(ClientEvent.self, from: line, of: client.name)
            guard event.event == "response" else {
                throw LabError("HTTP/3 failed on the path of '\(scenario.name)': \(event.message ?? line)")
            }
            let remote = testbed.topology.remoteAddresses(scenario.family)[0]
            let saved = try server.sample(of: remote)
            return try Sample.Saved(saved)
        }
    }
}

extension Sample.Saved {
    /// The window and threshold multiplied by a factor.
    func scaled(by factor: Double) -> Sample.Saved {
        Sample.Saved(
            cwndBytes: Int64(Double(cwndBytes) * factor),
            ssthreshBytes: ssthreshBytes.map { Int64(Double($0) * factor) },
            srttMicroseconds: srttMicroseconds, minRTTMicroseconds: minRTTMicroseconds)
    }

    /// - Throws: `LabError` if the server saved no round-trip time.
    init(_ saved: SavedSample) throws {
        guard let smoothed = saved.srttMicroseconds, let minimum = saved.minRTTMicroseconds else {
            throw LabError("`baton serve` saved a record without a round-trip time")
        }
        self.init(
            cwndBytes: saved.cwndBytes, ssthreshBytes: saved.ssthreshBytes, srttMicroseconds: smoothed,
            minRTTMicroseconds: minimum)
    }
}
