// SPDX-License-Identifier: Apache-2.0

import CwndEBPF
import Measurements
import PathEmulator
import Scenarios

/// A treatment that is in effect: what makes a connection differ from one of `stock`.
struct AppliedTreatment {
    private let baton: BatonControl?
    private let cwndEBPF: CwndEBPF?
    private let before: [String: Int64]

    /// Puts it into effect for connections that begin from now on; `teardown` undoes it.
    ///
    /// - Parameters:
    ///   - saved: what the QUIC connection had learned, which is handed over.
    ///   - addresses: the peers' addresses, as the server sees them.
    init(
        _ measurement: Measurement, saved: Sample.Saved?, addresses: [String], in testbed: Testbed,
        baton program: String, signals: SignalDescriptor, _ teardown: Teardown
    ) throws {
        try HostSettings.apply(measurement.treatment, of: measurement.scenario, to: testbed)
        switch measurement.treatment {
        case .exact, .careful, .carefulAfterFirstRound:
            guard let saved else { throw LabError("no record was saved that could be handed over") }
            let control = try BatonControl(
                program, options: measurement.treatment.batonOptions ?? [], in: testbed, signals: signals, teardown)
            for address in addresses {
                try control.put(saved, for: address, lifetime: measurement.scenario.saved.lifetime)
            }
            (baton, cwndEBPF) = (control, nil)
            before = try control.outcomes()
        case .cwndebpf:
            guard let saved else { throw LabError("no record was saved that could be handed over") }
            let system = try CwndEBPF(cgroup: testbed.cgroup.path)
            teardown.add("cwndebpf's program") { system.detach() }
            try system.save(
                cwndBytes: UInt32(clamping: saved.cwndBytes),
                ssthreshBytes: saved.ssthreshBytes.map { UInt32(clamping: $0) })
            (baton, cwndEBPF, before) = (nil, system, [:])
        default: (baton, cwndEBPF, before) = (nil, nil, [:])
        }
    }

    /// The kernel program's decisions since the treatment took effect: how many of each outcome that occurred.
    func outcomes() throws -> [String: Int64] {
        guard let baton else { return [:] }
        return try baton.outcomes().reduce(into: [:]) { result, entry in
            let count = entry.value - (before[entry.key] ?? 0)
            if count > 0 { result[entry.key] = count }
        }
    }
}

/// `baton attach`, `put` and `status` with a pin directory of the lab's own.
struct BatonControl {
    private let program: String
    private let pins: String
    private let command: Command
    private let log: String

    /// Attaches to the server's cgroup; `teardown` detaches.
    init(
        _ program: String, options: [String], in testbed: Testbed, signals: SignalDescriptor, _ teardown: Teardown
    ) throws {
        self.program = program
        command = testbed.command
        pins = "\(testbed.directory.pins)/lab"
        log = "\(testbed.directory.path)/baton.log"
        var arguments = [program, "attach", "--cgroup", testbed.cgroup.path, "--pin-directory", pins, "--json"]
        arguments += options
        try command.run(arguments)
        let (program, pins) = (program, pins)
        teardown.add("the handover") {
            try Command(signals: try SignalDescriptor([])).run([program, "detach", "--pin-directory", pins])
        }
    }

    /// Saves what QUIC had learned of a peer, as for a QUIC connection that has failed.
    func put(_ saved: Sample.Saved, for address: String, lifetime: TimeSpan?) throws {
        var arguments = [
            program, "put", address, "--cwnd", "\(saved.cwndBytes)", "--rtt",
            "\(max(saved.srttMicroseconds, saved.minRTTMicroseconds))us", "--min-rtt",
            "\(saved.minRTTMicroseconds)us", "--failed", "--pin-directory", pins,
        ]
        if let threshold = saved.ssthreshBytes { arguments += ["--ssthresh", "\(threshold)"] }
        if let lifetime { arguments += ["--lifetime", "\(lifetime)"] }
        try command.run(arguments)
    }

    /// All decisions so far, by outcome.
    func outcomes() throws -> [String: Int64] {
        struct Status: Decodable {
            let outcomes: [String: Int64]
        }
        let line = try command.run([program, "status", "--pin-directory", pins, "--json"], diagnostics: .log(log))
        return try JSONLine.decode(Status.self, from: line, of: "baton status").outcomes
    }
}
