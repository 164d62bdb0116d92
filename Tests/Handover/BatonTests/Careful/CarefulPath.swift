// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Glibc
import PathEmulator
import TestSupport
import Testing

/// The policy `careful` on an emulated path: by default 50 Mbit/s and a round trip of 60 ms, from a server with Linux's
/// default buffers to a client whose receive window is open.
final class CarefulPath {
    /// Payload that the path carries in a round trip: 375,000 bytes of packets.
    static let bandwidthDelayProduct = 362_000.0
    /// What `save` saves: 375,000 bytes, so that the jump is 129 segments of 1448 bytes.
    static let savedCwnd: UInt64 = 375_000
    static let jump = 129
    static let mss = 1448
    static let initialWindow = 10
    static let roundTripMicroseconds: UInt32 = 60_000

    let attached: Attached
    private var isSpoiled = false
    private var listeners: Set<String> = []

    var probe: TCPProbe { attached.probe }
    var path: TestPath { attached.bed.path }

    private init(_ attached: Attached) { self.attached = attached }

    /// One direction.
    static func link(
        megabits: Int64 = 50, delay: Int64 = 30, queue: Int64 = 375_000, loss: LossModel = .none,
        marked: PacketRange? = nil
    ) -> LinkConfiguration {
        LinkConfiguration(
            bitsPerSecond: megabits * 1_000_000, delayNanoseconds: delay * 1_000_000, queueBytes: queue, loss: loss,
            marked: marked)
    }

    /// The path, and how it changes; `stages` are its directions from the server, and the way back stays the same.
    static func plan(_ stages: LinkConfiguration..., after seconds: [Int: Double] = [:]) -> PathPlan {
        PathPlan(
            stages: stages.enumerated().map { index, link in
                .init(
                    afterStartNanoseconds: seconds[index].map { Int64($0 * 1e9) }, forward: link, backward: Self.link())
            })
    }

    static var settings: Settings {
        var settings = Settings()
        settings.policy = .careful
        return settings
    }

    struct Late: Error, CustomStringConvertible {
        let runs: Int
        var description: String {
            "the path emulator or the sender was late in each of \(runs) runs; the machine is too busy"
        }
    }

    /// For tests of a jump beyond 64 KB: up to Linux 6.1 a client doesn't advertise more at first, whatever tcp_rmem
    /// says.
    static func requiresOpenWindow() async throws {
        let window = try await TestBed.with { bed in
            try bed.set("ipv4/tcp_rmem", to: "4096 4194304 8388608", in: bed.clientNamespace)
            let probe = try TCPProbe(bed)
            defer { probe.end() }
            try probe.listen()
            return try probe.connect().server.peerWindow
        }
        try requires(
            Requirement(
                feature: "first receive windows above 64 KB", minimumKernel: "6.12",
                answer: window > 65_536 ? .yes : .no))
    }

    /// Runs `body` until the emulator and the sender report that they were in time, for up to ten minutes. Check only what
    /// `body` returns.
    static func measure<Result>(
        on plan: PathPlan = CarefulPath.plan(CarefulPath.link()), _ settings: Settings = CarefulPath.settings,
        _ body: (CarefulPath) throws -> Result
    ) async throws -> Result {
        let end = ContinuousClock.now + .seconds(600)
        var runs = 0
        repeat {
            runs += 1
            let result: Result? = try await Attached.with(settings, on: plan) { attached in
                let (server, client) = (attached.bed.serverNamespace, attached.bed.clientNamespace)
                try attached.bed.set("ipv4/tcp_rmem", to: "4096 131072 6291456", in: server)
                try attached.bed.set("ipv4/tcp_wmem", to: "4096 16384 4194304", in: server)
                try attached.bed.set("ipv4/tcp_rmem", to: "4096 4194304 8388608", in: client)
                let path = CarefulPath(attached)
                do {
                    let result = try body(path)
                    return path.isSpoiled ? nil : result
                } catch {
                    try path.takeVerdict()
                    if path.isSpoiled { return nil }
                    throw error
                }
            }
            if let result { return result }
        } while ContinuousClock.now < end
        throw Late(runs: runs)
    }

    /// Notes whether the path was as planned since a flow began.
    private func takeVerdict() throws {
        if try path.takeReport().spoiled { isSpoiled = true }
    }

    /// Saves a record; by default its values are those of the path.
    func save(
        _ address: String = "10.77.0.2", cwnd: UInt64 = CarefulPath.savedCwnd,
        rtt: UInt32 = CarefulPath.roundTripMicroseconds, lifetime: Duration = .zero, age: Duration = .zero
    ) throws {
        try attached.save(address, cwnd: cwnd, rtt: rtt, age: age, lifetime: lifetime)
    }

    /// Lets both sides ask for ECN and grant it (RFC 3168).
    func useECN() throws {
        for namespace in [attached.bed.serverNamespace, attached.bed.clientNamespace] {
            try attached.bed.set("ipv4/tcp_ecn", to: "1", in: namespace)
        }
    }

    /// The record of an address.
    func saved(_ address: String = "10.77.0.2") throws -> SavedParameters? {
        try attached.handover.saved.value(for: try attached.endpoint(address))
    }

    /// Waits for the record to change from what it was.
    func saved(otherThan generation: UInt64?, _ address: String = "10.77.0.2") throws -> SavedParameters? {
        _ = try Patience.until { try saved(address)?.generation != generation }
        return try saved(address)
    }

    /// Closes a connection, and waits until the kernel has heard of it: then its claim is released.
    func close(_ name: String = "connection") throws {
        try probe.close(name)
        guard try Patience.until({ try attached.claims() == 0 }) else {
            throw CarefulFlow.Failure(message: "a claim stays")
        }
    }

    /// What happened too late, or too early, to count: the flow is measured again.
    func spoil() { isSpoiled = true }

    /// A connection from the client, over which the server sends.
    ///
    /// - Parameters:
    ///   - established: called once both ends are connected, before anything is sent.
    ///   - sending: called while the server sends.
    func flow(
        _ steps: [TCPProbe.Step], name: String = "connection", from address: String = "10.77.0.2",
        control: String = "cubic",
        established: () throws -> Void = {}, sending: () throws -> Void = {}
    ) throws -> CarefulFlow {
        let server = address.contains(":") ? "fd77::1" : "10.77.0.1"
        let listener = server + control
        if listeners.insert(listener).inserted { try probe.listen(listener, on: server, control: control) }
        var reader = try attached.handover.watch()
        try probe.capture()
        try path.begin()
        let ends = try probe.connect(
            name, from: address, to: listener, control: control)
        try established()
        try probe.beginStream(steps, of: name)
        try sending()
        let stream = try probe.endStream()
        try takeVerdict()
        if stream.stall >= UInt64(PathReport.spoilingLatenessNanoseconds) { spoil() }
        var events: [KernelEvent] = []
        while case let more = try reader.readAll(timeoutMilliseconds: 20), !more.isEmpty { events += more }
        return try CarefulFlow(ends: ends, stream: stream, packets: try probe.captured(name), events: events)
    }

    /// The same, with its steps one by one.
    func flow(
        _ steps: TCPProbe.Step..., name: String = "connection", from address: String = "10.77.0.2",
        control: String = "cubic", established: () throws -> Void = {}, sending: () throws -> Void = {}
    ) throws -> CarefulFlow {
        try flow(
            steps, name: name, from: address, control: control, established: established, sending: sending)
    }
}
