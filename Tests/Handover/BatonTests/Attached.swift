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
        while KernelClock.nowNanoseconds <= oldest { usleep(100_000) }
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

    func count(_ outcome: Outcome) throws -> UInt64 {
        try handover.outcomes().first { $0.outcome == outcome }?.count ?? 0
    }
}

func segments(_ bytes: UInt64, mss: UInt64) -> UInt64 { (bytes + mss - 1) / mss }
