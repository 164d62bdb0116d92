// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// One measurement with a real client, which speaks HTTP/3 until the path breaks and then falls back by itself.
struct FallbackTrial {
    let measurement: Measurement
    let testbed: Testbed
    let programs: ProgramOptions
    let files: ServerFiles
    let signals: SignalDescriptor
    /// Distinguishes the logs and pins of this trial from those of others.
    let number: Int

    private var scenario: Scenario { measurement.scenario }

    /// Measures once.
    ///
    /// - Parameter series: the connections' state over time is appended to it.
    func run(attempt: Int, series: inout [SocketState]) throws -> Sample {
        try Teardown.around { teardown in
            let startedAt = WallClock.now()
            let plan = ScenarioPlan(scenario)
            try testbed.path.begin(seed: measurement.seed)
            try HostSettings.apply(measurement.treatment, of: scenario, to: testbed)
            let address = scenario.family == .ipv4 ? testbed.server.address4 : testbed.server.address6
            let server = try BatonServer(
                baton: programs.baton, files: files, address: address, handover: measurement.treatment.batonOptions,
                idleTimeout: scenario.idleTimeout, in: testbed, number: number, teardown)
            let setting = ClientSetting(
                namespace: testbed.client.namespace, serverAddress: address, root: files.root,
                certificate: files.certificate, learningBytes: files.bodyBytes, python: programs.python,
                directory: testbed.directory.path, signals: signals)
            let client: any FallingBackClient =
                scenario.client == .chromium
                ? ChromiumFallback(setting: setting) : CurlFallback(setting: setting, udp: scenario.udp)
            let remote = testbed.topology.remoteAddresses(scenario.family)[0]
            var saved: SavedSample?
            var retransmitsBefore: Int64 = 0
            var before: PathReport?
            let sampler = try SocketSampler(
                in: testbed.server.namespace, serverPort: BatonServer.port,
                interval: TimeSpan(nanoseconds: 5_000_000))
            let times = try client.run(
                measurement.load, following: scenario.following,
                cut: {
                    let outage = try UDPOutage.begin(scenario.udp, in: testbed)
                    teardown.add("the UDP outage") { try outage.end() }
                    if let stage = plan.cutStage { try testbed.path.enter(stage: stage) }
                },
                beforeTCP: {
                    // the client may have tried TCP beside QUIC at first; what the kernel learned from that must not
                    // count
                    try HostSettings.forget(testbed)
                    if measurement.treatment.batonOptions != nil { saved = try server.sample(of: remote) }
                    retransmitsBefore = try TCPCounters.retransmittedSegments(in: testbed.server.namespace)
                    // of the time before TCP only whether it was spoiled: detection is measured in it
                    before = try testbed.path.takeReport()
                    _ = try server.decisions()
                    server.forgetAccepted()
                    try sampler.begin(at: MonotonicClock.now())
                    try testbed.path.start()
                })
            series += sampler.end()
            var sample = Sample(
                scenario: scenario.name, treatment: measurement.treatment,
                congestionControl: measurement.congestionControl, client: scenario.client, load: measurement.load,
                round: measurement.round, attempt: attempt, seed: measurement.seed, startedAt: startedAt,
                lastByteMilliseconds: times.lastByteMilliseconds,
                retransmits: try TCPCounters.retransmittedSegments(in: testbed.server.namespace) - retransmitsBefore,
                path: try testbed.path.takeReport())
            sample.firstByteMilliseconds = times.firstByteMilliseconds
            sample.pageLoadMilliseconds = times.pageLoadMilliseconds
            sample.breakToLastByteMilliseconds = times.breakToLastByteMilliseconds
            sample.detectionMilliseconds = times.detectionMilliseconds
            sample.connectionMilliseconds = times.connectionMilliseconds
            sample.transferMilliseconds = times.transferMilliseconds
            sample.followingMilliseconds = times.followingMilliseconds
            sample.saved = try saved.map(Sample.Saved.init)
            sample.spoiled = before?.spoiledBecause
            try describe(&sample, server: server, remote: remote, port: times.clientPort)
            return sample
        }
    }

    /// Adds what the server saw and the kernel program decided.
    private func describe(_ sample: inout Sample, server: BatonServer, remote: String, port: Int?) throws {
        for decision in try server.decisions() { sample.outcomes[decision.outcome, default: 0] += 1 }
        guard let accepted = try server.accepted(from: remote, port: port) else { return }
        if let cwnd = accepted.cwndSegments, let mss = accepted.mssBytes {
            sample.start = Sample.Start(
                cwndSegments: cwnd, ssthreshSegments: accepted.ssthreshSegments, mssBytes: mss)
        }
    }
}
