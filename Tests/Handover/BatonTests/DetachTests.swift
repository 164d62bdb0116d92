// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

extension KernelTests {
    /// Detaching while connections are in Careful Resume, and applications that choose another control meanwhile.
    @Suite struct Detach {
        private static let window: UInt64 = 400_000

        private func attach(_ bed: TestBed) throws {
            var settings = Settings()
            settings.policy = .careful
            try Handover.attach(
                to: try Cgroup(path: bed.cgroup), settings: settings, pinDirectory: bed.pinDirectory)
        }

        /// Saves a window for addresses, and closes the maps again, which would otherwise stay.
        private func save(_ bed: TestBed, for addresses: [String] = ["10.77.0.2"]) throws {
            let handover = try Handover(pinDirectory: bed.pinDirectory)
            for address in addresses {
                let now = KernelClock.nowNanoseconds
                let parameters = SavedParameters(
                    cwndBytes: Detach.window, ssthreshBytes: SavedParameters.neverLost, savedAtNanoseconds: now,
                    lastHeardAtNanoseconds: now, lifetimeNanoseconds: 0, generation: now, srttMicroseconds: 0,
                    minRTTMicroseconds: 0, flags: SavedParameters.failedFlag)
                try handover.save(parameters, for: try #require(RemoteEndpoint(address)))
            }
        }

        private func count(_ trigger: Trigger, _ bed: TestBed) throws -> UInt64 {
            try Handover(pinDirectory: bed.pinDirectory).triggers().first { $0.trigger == trigger }?.count ?? 0
        }

        /// The kernel's IDs of the handover's programs, maps and links.
        private func remains(_ bed: TestBed) throws -> PendingRelease {
            PendingRelease(of: try PinDirectory(bed.pinDirectory, layoutVersion: 0))
        }

        /// Detaches, and expects that the kernel has freed everything by then, or detach had waited its ten seconds for it.
        private func detachLeavingNothing(_ bed: TestBed, _ location: SourceLocation = #_sourceLocation) throws {
            let remains = try remains(bed)
            #expect(!remains.waitUntilGone(seconds: 0), sourceLocation: location)
            let start = ContinuousClock.now
            #expect(try Handover.detach(pinDirectory: bed.pinDirectory), sourceLocation: location)
            let elapsed = ContinuousClock.now - start
            #expect(remains.waitUntilGone(seconds: 0) || elapsed >= .seconds(10), sourceLocation: location)
            #expect(remains.waitUntilGone(seconds: UInt32(Patience.seconds)), sourceLocation: location)
        }

        private func withProbe(_ body: (TestBed, TCPProbe) async throws -> Void) async throws {
            try await TestBed.with { bed in
                let probe = try TCPProbe(bed)
                defer {
                    probe.end()
                    _ = try? Handover.detach(pinDirectory: bed.pinDirectory)
                }
                try await body(bed, probe)
            }
        }

        @Test(
            "connections that never sent anything get their own control and window back, and nothing is left",
            arguments: ["cubic", "reno", "bbr"])
        func idle(control: String) async throws {
            try requires(.tcpIterators)
            try await withProbe { bed, probe in
                try attach(bed)
                for (server, client) in [("10.77.0.1", "10.77.0.2"), ("fd77::1", "fd77::2")] {
                    try save(bed, for: [client])
                    try probe.listen(server, on: server, control: control)
                    let resumed = try probe.connect(client, from: client, to: server, control: control).server
                    #expect(resumed.control.hasPrefix("baton"))
                    #expect(resumed.cwnd == Detach.window / 2 / resumed.mss)
                }
                try detachLeavingNothing(bed)
                for client in ["10.77.0.2", "fd77::2"] {
                    let server = try probe.info(client + ".server")
                    #expect(server.control == control)
                    #expect(server.cwnd == 10)
                    #expect(server.ssthresh == TCPProbe.Info.infiniteSSThresh)
                    let transfer = try probe.transfer(
                        bytes: 3_000_000, from: client + ".server", to: client + ".client")
                    #expect(transfer.sender.control == control)
                }
            }
        }

        @Test("a handover that replaced another also restores the other's connections")
        func replaced() async throws {
            try requires(.tcpIterators)
            try await withProbe { bed, probe in
                try attach(bed)
                try save(bed)
                try probe.listen()
                let first = try probe.connect("first").server.control
                try Handover.attach(to: try Cgroup(path: bed.cgroup), pinDirectory: bed.pinDirectory)
                #expect(try probe.info("first.server").control == first)
                try detachLeavingNothing(bed)
                #expect(try probe.info("first.server").control == "cubic")
                #expect(try probe.info("first.server").cwnd == 10)
            }
        }

        @Test("a connection in the middle of its jump continues, and its window is limited to what is in flight")
        func inFlight() async throws {
            try requires(.tcpIterators)
            try await withProbe { bed, probe in
                // The jump stays under way until the test is done with it: a packet a second and a half leaves, and no timer
                // of TCP's takes that for a loss.
                let (server, device) = (bed.serverNamespace, ["dev", "v0"])
                try Machine.demand(
                    ["ip", "-n", server, "route", "replace", "10.77.0.0/24"] + device + ["rto_min", "100s"])
                try bed.set("ipv4/tcp_early_retrans", to: "0", in: server)
                try attach(bed)
                try save(bed)
                try probe.listen()
                _ = try probe.connect()
                let limit = ["burst", "3000", "limit", "10000000"]
                try Machine.demand(
                    ["tc", "-n", server, "qdisc", "add"] + device + ["root", "tbf", "rate", "8kbit"] + limit)
                var before = try probe.begin(bytes: 60_000, from: "connection.server")
                #expect(before.control.hasPrefix("baton"))
                try await waitUntil("more than an initial window is in flight") {
                    before = try probe.info("connection.server")
                    return before.inFlight > 20
                }
                try detachLeavingNothing(bed)
                let after = try probe.info("connection.server")
                #expect(after.control == "cubic")
                #expect(after.inFlight > 0)
                // It has grown since by one segment for each acknowledged segment.
                #expect(after.cwnd <= before.inFlight * 2)
                try Machine.demand(
                    ["tc", "-n", server, "qdisc", "change"] + device + ["root", "tbf", "rate", "1gbit"] + limit)
                let transfer = try probe.transfer(
                    bytes: 1_000_000, from: "connection.server", to: "connection.client")
                #expect(transfer.sender.control == "cubic")
            }
        }

        @Test(
            "an application that chooses another control gets it, without the jump's window",
            arguments: ["cubic", "reno", "bbr"])
        func chosenByApplication(control: String) async throws {
            try await withProbe { bed, probe in
                try attach(bed)
                try save(bed)
                try probe.listen()
                let before = try probe.connect().server
                #expect(before.control.hasPrefix("baton"))
                #expect(before.cwnd > 10)
                let after = try probe.setControl(control, of: "connection.server")
                #expect(after.control == control)
                #expect(after.cwnd == 10)
                #expect(try count(.controlChanged, bed) == 1)
                #expect(try count(.detached, bed) == 0)
                let transfer = try probe.transfer(
                    bytes: 3_000_000, from: "connection.server", to: "connection.client")
                #expect(transfer.sender.control == control)
                try Handover.detach(pinDirectory: bed.pinDirectory)
                #expect(try probe.info("connection.server").control == control)
            }
        }

        @Test("a socket that is disconnected and connected again starts with its own control")
        func reconnected() async throws {
            try await withProbe { bed, probe in
                try attach(bed)
                try save(bed, for: ["10.77.0.1"])
                try probe.listen(side: .active)
                let client = try probe.connect(side: .active).client
                #expect(client.control.hasPrefix("baton"))
                let (closed, connected) = try probe.reconnect("connection.client", to: "listener")
                #expect(closed.control == "cubic")
                #expect(connected.control.hasPrefix("baton"))
                try Handover(pinDirectory: bed.pinDirectory).forget(try #require(RemoteEndpoint("10.77.0.1")))
                #expect(try probe.reconnect("connection.client", to: "listener").connected.control == "cubic")
                #expect(try count(.resumed, bed) == 2)
                #expect(try count(.controlChanged, bed) == 0)
            }
        }

        @Test("a connection that reaches the Normal Phase by itself counts its own trigger, and no other")
        func byItself() async throws {
            try await withProbe { bed, probe in
                try attach(bed)
                try save(bed)
                try probe.listen()
                _ = try probe.connect()
                let transfer = try probe.transfer(
                    bytes: 10_000_000, from: "connection.server", to: "connection.client")
                #expect(transfer.sender.control == "cubic")
                #expect(try count(.resumed, bed) == 1)
                #expect(try count(.controlChanged, bed) == 0)
                #expect(try count(.detached, bed) == 0)
            }
        }

        @Test("ten thousand connections while handovers come and go: each has the control that it should have")
        func stress() async throws {
            try requires(.tcpIterators)
            let log = try KernelLog()
            try await withProbe { bed, probe in
                let controls = ["cubic", "reno", "bbr"]
                for control in controls { try probe.listen(control, control: control) }
                try probe.listen()
                // Of its own, so that how often handover come doesn't depend on how many connections fit between.
                var (steps, random) = (SplitMix64(state: 9959), SplitMix64(state: 9000))
                var kept: [(name: String, control: String)] = []
                var all: [PendingRelease] = []
                var (opened, resumed) = (0, 0)
                for round in 0..<100 {
                    let attaches = steps.next(below: 3) > 0
                    let isDone = Mutex(false)
                    let step = Task.detached {
                        defer { isDone.withLock { $0 = true } }
                        try attaches ? prepare(bed) : detach(bed)
                    }
                    repeat {
                        let bytes = random.next(below: 2) == 0 ? 0 : random.next(below: 100_000)
                        let address = "10.77.0.\(2 + random.next(below: 20))"
                        opened += try probe.churn(count: 100, from: address, bytes: bytes).values.reduce(0, +)
                        // Nothing above suspends: where there is one CPU, the other gets a turn only here.
                        await Task.yield()
                    } while !isDone.withLock { $0 }
                    // Connections that outlive handovers: with and without traffic, some closed at some time.
                    for index in 0..<3 {
                        let (name, control) = ("\(round)-\(index)", controls[random.next(below: controls.count)])
                        let address = "10.77.0.\(2 + random.next(below: 20))"
                        let ends = try probe.connect(name, from: address, to: control, control: control)
                        kept.append((name, control))
                        if ends.server.control.hasPrefix("baton") { resumed += 1 }
                        if random.next(below: 3) == 0 { _ = try probe.begin(bytes: 20_000, from: name + ".server") }
                    }
                    try probe.close(kept.remove(at: random.next(below: kept.count)).name)
                    try await step.value
                    if attaches { all.append(try remains(bed)) }
                }
                try detach(bed)
                #expect(opened >= 10_000)
                #expect(all.count > 50)
                #expect(resumed > 20)
                for (name, control) in kept {
                    #expect(try probe.info(name + ".server").control == control)
                    #expect(try probe.info(name + ".client").control == control)
                }
                for remains in all { #expect(remains.waitUntilGone(seconds: UInt32(Patience.seconds))) }
            }
            #expect(try log.newWarnings() == [])
        }

        /// Attaches, or replaces what runs, with records for half of the clients.
        private func prepare(_ bed: TestBed) throws {
            try attach(bed)
            try save(bed, for: (2...11).map { "10.77.0.\($0)" })
        }

        private func detach(_ bed: TestBed) throws { try Handover.detach(pinDirectory: bed.pinDirectory) }
    }
}

/// The same numbers each time (Steele, Lea and Flood: "Fast splittable pseudorandom number generators", 2014).
private struct SplitMix64 {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}

/// The kernel's log from now on.
private struct KernelLog {
    /// Each line begins with its time.
    private let before: Set<String>

    init() throws { before = Set(try KernelLog.lines()) }

    /// Lines that report a fault in the kernel, once none is added any more that may pass: a device is waited for that
    /// somebody still holds.
    func newWarnings() throws -> [String] {
        func new(_ words: [String]) throws -> [String] {
            try KernelLog.lines().filter { line in !before.contains(line) && words.contains { line.contains($0) } }
        }
        let waits = ["unregister_netdevice"]
        var known: [String]
        let end = ContinuousClock.now + Patience.limit
        repeat {
            known = try new(waits)
            // The kernel says it every ten seconds for as long as it waits.
            if !known.isEmpty { sleep(15) }
        } while try new(waits) != known && ContinuousClock.now < end
        // Not what only says that the machine is busy: "INFO: task … blocked", "INFO: rcu … stall".
        return try new(["WARNING:", "BUG:", "Oops", "refcount_t:"]) + (ContinuousClock.now < end ? [] : known)
    }

    private static func lines() throws -> [String] {
        try Machine.demand("dmesg", "--color=never").split(separator: "\n").map(String.init)
    }
}
