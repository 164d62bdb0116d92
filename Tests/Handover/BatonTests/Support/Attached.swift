// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Glibc
import PathEmulator
import TestSupport

extension Settings {
    /// The policy `exact`, and otherwise what `attach` does without options.
    static var exact: Settings {
        var settings = Settings()
        settings.policy = .exact
        return settings
    }
}

/// A test bed on which the handover is attached, with a probe.
struct Attached {
    let bed: TestBed
    let probe: TCPProbe
    let handover: Handover

    static func with<Result>(
        _ settings: Settings = .exact, on plan: PathPlan? = nil, _ body: (Attached) async throws -> Result
    ) async throws -> Result {
        try await TestBed.with(plan) { bed in
            try Handover.attach(to: try Cgroup(path: bed.cgroup), settings: settings, pinDirectory: bed.pinDirectory)
            let probe = try TCPProbe(bed)
            defer {
                probe.end()
                _ = try? Handover.detach(pinDirectory: bed.pinDirectory)
            }
            return try await body(
                Attached(bed: bed, probe: probe, handover: try Handover(pinDirectory: bed.pinDirectory)))
        }
    }

    /// Saves a record for an address; by default that of a failed connection that never lost a packet and has no RTT.
    func save(
        _ address: String = "10.77.0.2", cwnd: UInt64, ssthresh: UInt64 = SavedParameters.neverLost,
        failed: Bool = true,
        rtt: UInt32 = 0, age: Duration = .zero, silence: Duration = .zero, lifetime: Duration = .zero
    ) throws {
        // No record can be older than the machine's uptime.
        let oldest = max(age, silence).nanoseconds
        while KernelClock.nowNanoseconds <= oldest { usleep(20_000) }
        let now = KernelClock.nowNanoseconds
        let parameters = SavedParameters(
            cwndBytes: cwnd, ssthreshBytes: ssthresh, savedAtNanoseconds: now - age.nanoseconds,
            lastHeardAtNanoseconds: now - silence.nanoseconds, lifetimeNanoseconds: lifetime.nanoseconds,
            generation: now, srttMicroseconds: rtt, minRTTMicroseconds: rtt,
            flags: failed ? SavedParameters.failedFlag : 0)
        try handover.save(parameters, for: try endpoint(address))
    }

    func endpoint(_ address: String) throws -> RemoteEndpoint {
        guard let endpoint = RemoteEndpoint(address) else { throw BPFError(.invalid, "reading \(address)") }
        return endpoint
    }

    /// How many connections hold a claim to a record.
    func claims() throws -> Int {
        try HashMap<Claim, UInt64>(pinnedAt: bed.pinDirectory + "/maps/claims").keys().count
    }

    /// The kernel's key of a claim.
    private struct Claim: BitwiseCopyable, Sendable {
        var endpoint: RemoteEndpoint
        var generation: UInt64
    }

    /// Connects, and returns what the kernel decided.
    ///
    /// A connection without a record is reported only while somebody reads; where the reader came too late for the first,
    /// more are made.
    func decide(
        _ name: String, from client: String = "10.77.0.2", to listener: String = "listener", control: String = "cubic"
    ) throws -> (decision: Decision, server: TCPProbe.Info, connections: UInt64) {
        var reader = try handover.watch()
        let end = ContinuousClock.now + Patience.limit
        var connections: UInt64 = 0
        repeat {
            let ends = try probe.connect(
                connections == 0 ? name : "\(name) \(connections)", from: client, to: listener, control: control)
            connections += 1
            if let decision = try reader.read(timeoutMilliseconds: 1000).first {
                return (decision, ends.server, connections)
            }
        } while ContinuousClock.now < end
        throw BPFError(.system, "waiting for a decision", reason: "none came for \(connections) connections")
    }

    func count(_ outcome: Outcome) throws -> UInt64 {
        try handover.outcomes().first { $0.outcome == outcome }?.count ?? 0
    }
}

func segments(_ bytes: UInt64, mss: UInt64) -> UInt64 { (bytes + mss - 1) / mss }
