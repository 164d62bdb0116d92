// SPDX-License-Identifier: Apache-2.0

import Glibc
import Measurements
import PathEmulator
import Scenarios

/// One measurement with the TCP client without TLS (`client: plain`).
struct CleartextTrial {
    /// What a connection carries before it counts as warm, and what tcp_metrics learns from.
    private static let warmUp = ByteCount(bytes: 5_000_000)

    let measurement: Measurement
    let testbed: Testbed
    let server: CleartextServer
    let programs: ProgramOptions
    let signals: SignalDescriptor

    private var scenario: Scenario { measurement.scenario }

    /// Measures once.
    ///
    /// - Parameter series: the connection's state over time is appended to it.
    func run(saved: Sample.Saved, attempt: Int, series: inout [SocketState]) throws -> Sample {
        try Teardown.around { teardown in
            let topology = testbed.topology
            let startedAt = WallClock.now()
            try waitForSilence()
            try testbed.path.begin(seed: measurement.seed)
            try HostSettings.apply(
                measurement.treatment == .tcpMetrics ? .tcpMetrics : .stock, of: scenario, to: testbed)
            try HostSettings.forget(testbed)
            if measurement.treatment == .tcpMetrics { try teachMetrics(teardown) }
            if let cut = ScenarioPlan(scenario).cutStage { try testbed.path.enter(stage: cut) }
            // before the treatment, which must not apply to the competing flow
            let flow = try startCompetingFlow(teardown)
            if measurement.treatment != .tcpMetrics { try HostSettings.forget(testbed) }
            let treatment = try AppliedTreatment(
                measurement, saved: saved.scaled(by: scenario.saved.scale),
                addresses: topology.remoteAddresses(scenario.family), in: testbed, baton: programs.baton,
                signals: signals, teardown)
            if let age = scenario.saved.age { try Pause.wait(age, signals: signals) }

            let client = try CleartextClient(
                server: serverAddress, load: measurement.load, from: topology.ownAddresses(scenario.family),
                warmUp: measurement.treatment == .warm ? Self.warmUp : nil, following: scenario.following,
                timeout: patience, in: topology.measured.namespace, log: log, signals: signals, teardown)
            try client.prepared()
            // the counters of everything before, the competing flow's start included, are not this measurement's
            if flow == nil { try testbed.path.begin(again: scenario, measurement) }
            _ = try testbed.path.takeReport()
            let namespace = testbed.server.namespace
            // a warm connection exists already: it is the one to measure
            let others =
                measurement.treatment == .warm
                ? [] : Set(try TCPSockets.current(in: namespace, serverPort: CleartextServer.port).map(\.peer))
            let sampler = try SocketSampler(
                in: namespace, serverPort: CleartextServer.port, interval: TimeSpan(nanoseconds: 5_000_000))
            let flowBefore = try flow?.bytes()
            try testbed.path.start()
            try sampler.begin(at: MonotonicClock.now())
            let begin = try client.go()
            let results = try client.results()
            let states = sampler.end().filter { !others.contains($0.peer) }
            let report = try testbed.path.takeReport()
            let competingBytes = try watch(flow, since: begin, from: flowBefore)

            // of several at once the last to finish counts: it is what the slowest user waits for
            guard let slowest = results.max(by: { $0.lastByteMilliseconds < $1.lastByteMilliseconds }) else {
                throw LabError("plain-client reported no result")
            }
            var sample = Sample(
                scenario: scenario.name, treatment: measurement.treatment,
                congestionControl: measurement.congestionControl, client: .plain, load: measurement.load,
                round: measurement.round, attempt: attempt, seed: measurement.seed, startedAt: startedAt,
                lastByteMilliseconds: slowest.lastByteMilliseconds, retransmits: states.retransmits,
                path: report)
            sample.firstByteMilliseconds = slowest.firstByteMilliseconds
            sample.followingMilliseconds = slowest.followingMilliseconds
            sample.start = try start(of: slowest)
            sample.saved = saved.scaled(by: scenario.saved.scale)
            sample.competingBytes = competingBytes
            sample.outcomes = try treatment.outcomes()
            series += states
            return sample
        }
    }

    /// Waits for earlier connections to end: what they still have in flight would be lost when the path is emptied, and
    /// be retransmitted during this measurement. A connection whose last packet was lost may take longer; it is not
    /// waited for.
    private func waitForSilence() throws {
        let limit = MonotonicClock.now() + 10 * scenario.roundTrip.nanoseconds + 2_000_000_000
        while MonotonicClock.now() < limit {
            let namespace = testbed.server.namespace
            if try TCPSockets.current(in: namespace, serverPort: CleartextServer.port).isEmpty { return }
            try Pause.wait(TimeSpan(nanoseconds: 10_000_000), signals: signals)
        }
    }

    private var log: String { "\(testbed.directory.path)/plain-client.log" }

    /// Time limit for one request: more than the slowest path takes.
    private var patience: TimeSpan {
        let link = scenario.down.bitsPerSecond > 0 ? scenario.down.bitsPerSecond : 1_000_000_000
        // cwndebpf leaves its second connection a window of one segment: one segment a round trip
        let bytes = if case .body(let size) = measurement.load { size.bytes } else { Int64(0) }
        let segments = measurement.treatment == .cwndebpf ? bytes / 1000 : 100
        let seconds =
            60 + 5_000_000 * 8 * 10 / link + segments * (scenario.roundTrip.nanoseconds + 50_000_000) / 1_000_000_000
        return TimeSpan(nanoseconds: seconds * 1_000_000_000)
    }

    private var serverAddress: String {
        scenario.family == .ipv4 ? testbed.server.address4 : testbed.server.address6
    }

    /// Makes an earlier connection of the same peer, from which the kernel learns.
    private func teachMetrics(_ teardown: Teardown) throws {
        let client = try CleartextClient(
            server: serverAddress, load: .body(Self.warmUp),
            from: testbed.topology.ownAddresses(scenario.family), timeout: patience,
            in: testbed.topology.measured.namespace, log: log, signals: signals, teardown)
        try client.prepared()
        _ = try client.go()
        _ = try client.results()
        // the kernel stores what it learned when the connection closes, a little more than a round trip later
        try Pause.wait(TimeSpan(nanoseconds: 2 * scenario.roundTrip.nanoseconds + 200_000_000), signals: signals)
    }

    private func startCompetingFlow(_ teardown: Teardown) throws -> CompetingFlow? {
        guard scenario.neighbour == .competingFlow, let other = testbed.topology.other else { return nil }
        let flow = try CompetingFlow(
            server: serverAddress, from: scenario.family == .ipv4 ? other.address4 : other.address6,
            in: other.namespace, log: log, signals: signals, teardown)
        // until it has filled the bottleneck and left slow start
        let seconds = 3_000_000_000 + 20 * scenario.roundTrip.nanoseconds
        try Pause.wait(TimeSpan(nanoseconds: seconds), signals: signals)
        return flow
    }

    /// Bytes that the competing flow received in a time window that is the same for all treatments; nil if the measured
    /// connection took longer than that, since then they can't be compared.
    private func watch(_ flow: CompetingFlow?, since begin: Int64, from before: Int64?) throws -> Int64? {
        guard let flow, let before else { return nil }
        let window = Int64(CompetingWindow(scenario, measurement.load).seconds * 1e9)
        let rest = begin + window - MonotonicClock.now()
        guard rest > 0 else { return nil }
        try Pause.wait(TimeSpan(nanoseconds: rest), signals: signals)
        return try flow.bytes() - before
    }

    private func start(of result: CleartextResult) throws -> Sample.Start? {
        // a warm connection started long before
        guard measurement.treatment != .warm else { return nil }
        let accepted = try server.takeAccepted()
        // behind a NAT the port may differ; then it is the first connection, as no other client connects meanwhile
        guard let accepted = accepted.last(where: { $0.remotePort == result.localPort }) ?? accepted.first else {
            return nil
        }
        guard let cwnd = accepted.cwndSegments, let mss = accepted.mssBytes else { return nil }
        return Sample.Start(cwndSegments: cwnd, ssthreshSegments: accepted.ssthreshSegments, mssBytes: mss)
    }
}

extension EmulatedPath {
    /// Empties the path again and puts it into the measurement's state, so that its random sequences begin with it.
    fileprivate func begin(again scenario: Scenario, _ measurement: Measurement) throws {
        try begin(seed: measurement.seed)
        if let cut = ScenarioPlan(scenario).cutStage { try enter(stage: cut) }
    }
}

extension [SocketState] {
    /// Segments retransmitted during the recording, summed over its connections.
    fileprivate var retransmits: Int64 {
        Dictionary(grouping: self, by: \.peer).values.reduce(0) { sum, states in
            let counts = states.map(\.retransmits)
            return sum + (counts.max() ?? 0) - (counts.min() ?? 0)
        }
    }
}

extension SocketState {
    /// Identifies the connection.
    fileprivate var peer: [String] { [remoteAddress ?? "", "\(remotePort)"] }
}
