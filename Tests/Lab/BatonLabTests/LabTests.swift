// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
import Testing

/// The lab on the real kernel. One at a time: they measure.
@Suite(.serialized, .enabled(if: LabSession.isPossible, "needs root: namespaces, TUN devices, cgroups"))
struct LabTests {
    /// Measures until the emulator says that it was in time, and `body` returns a value.
    private func measure<Value>(
        _ options: [String], _ body: (LabSession) throws -> Value?
    ) throws -> (value: Value, report: PathReport) {
        try Patience.measure {
            let session = try LabSession(options)
            _ = try session.takeReport()
            let value = try body(session)
            let report = try session.takeReport()
            if report.spoiled { return (nil, "the path emulator was late or lost packets: \(report)") }
            return (value.map { ($0, report) }, "the sender was late")
        }
    }

    /// One round trip in milliseconds.
    private func roundTrip(from client: UDPSocket, to server: UDPSocket) throws -> Double {
        let start = MonotonicClock.now()
        client.send(bytes: 64)
        guard server.echo(), client.receive() == 64 else { throw LabSession.Failure(message: "no echo") }
        return Double(MonotonicClock.now() - start) / 1e6
    }

    @Test("the round trip is what was asked for", arguments: [20.0, 100.0], [0, 1])
    func roundTripTime(milliseconds: Double, family: Int) throws {
        let session = try LabSession(["--rtt", "\(Int(milliseconds))ms", "--rate", "1Gbit"])
        let address = session.ready.server_addresses[family]
        let server = try UDPSocket(in: session.server, address: address, port: 7)
        let client = try UDPSocket(in: session.client, address: session.ready.client_addresses[family])
        try client.connect(to: address, port: 7)
        var times: [Double] = []
        // a stall of the emulator's or of this process only makes it longer
        let isExact = try Patience.until {
            times.append(try roundTrip(from: client, to: server))
            return times.count >= 10 && times.contains { $0 < milliseconds + 1 }
        }
        #expect(isExact, "\(times)")
        #expect(times.allSatisfy { $0 >= milliseconds })
        #expect(try session.takeReport().forward.packets >= 10)
    }

    /// Sends for a while at four times the path's rate.
    ///
    /// - Returns: at what rate they arrived; nil if the sender was kept from its core for so long that the queue, which holds
    ///   50 ms of the rate, may have run empty.
    private func flood(_ session: LabSession, megabits: Int, datagrams: Int) throws -> Double? {
        let receiver = try UDPSocket(in: session.client, address: session.ready.client_addresses[0], port: 9)
        let sender = try UDPSocket(in: session.server, address: session.ready.server_addresses[0])
        try sender.connect(to: session.ready.client_addresses[0], port: 9)
        let interval = Int64(1500 * 8 * 1000 / megabits / 4)
        var next = MonotonicClock.now()
        var worst: Int64 = 0
        for _ in 0..<datagrams {
            worst = max(worst, MonotonicClock.now() - next)
            sender.send(bytes: 1472)
            next += interval
            let rest = next - MonotonicClock.now()
            if rest > 100_000 {
                usleep(UInt32(rest / 1000))
            }
        }
        // the receiver's buffer holds them all, and the kernel's stamps don't wait for this thread; none is longer under way
        // than an emulator in time takes, 100 ms
        var arrivals: [Int64] = []
        while let arrival = receiver.arrival(within: 1) {
            arrivals.append(arrival)
        }
        guard worst < 40_000_000 else { return nil }
        guard arrivals.count > 100 else {
            throw LabSession.Failure(message: "only \(arrivals.count) datagrams arrived")
        }
        // by the second half the queue is long, and a sender that has to wait for a core does not let the line rest
        let half = arrivals.suffix(arrivals.count / 2)
        let span = half[half.endIndex - 1] - half[half.startIndex]
        return Double((half.count - 1) * 1500 * 8) * 1000 / Double(span)
    }

    @Test("the rate is what was asked for, and what does not fit is dropped and counted", arguments: [10, 50, 200])
    func rate(megabits: Int) throws {
        // the queue holds 50 ms of the rate
        let queue = Int64(megabits * 6250)
        let options = ["--rtt", "20ms", "--rate", "\(megabits)Mbit", "--queue", "\(queue)"]
        let datagrams = 4000
        let (arrived, report) = try measure(options) { try flood($0, megabits: megabits, datagrams: datagrams) }
        #expect(abs(arrived / Double(megabits) - 1) < 0.02)
        #expect(report.forward.queueDrops > 0)
        #expect(report.forward.maxBacklogBytes > queue - 1500)
        #expect(report.forward.maxBacklogBytes <= queue)
        // neighbour discovery and the like may add a packet or two
        let accounted = Int(report.forward.packets + report.forward.queueDrops)
        #expect((datagrams...datagrams + 5).contains(accounted))
    }

    @Test("random loss is counted, and is the same for the same seed")
    func loss() throws {
        let options = ["--rtt", "2ms", "--rate", "100Mbit", "--queue", "10MB", "--loss", "10%", "--seed", "5"]
        let drops = try (0..<2).map { _ in
            // IPv4 alone, so that nothing that the kernel sends by itself draws from the sequence
            try measure(options) { try flood($0, megabits: 100, datagrams: 2000) }.report.forward.randomDrops
        }
        #expect((140...260).contains(drops[0]))
        #expect(abs(drops[0] - drops[1]) <= 2)
    }

    @Test("nothing remains after the end", arguments: [SIGTERM, SIGINT, SIGHUP])
    func taken(down signal: Int32) throws {
        let session = try LabSession()
        #expect(session.remains.count == 5)
        #expect(session.end(with: signal) == 0)
        #expect(session.remains.isEmpty)
    }

    @Test("what a killed run leaves behind is swept by the next, and a living one is left alone")
    func sweep() throws {
        let living = try LabSession()
        var killed = try LabSession()
        #expect(killed.end(with: SIGKILL) == 128 + SIGKILL)
        // another lab of this machine may sweep it first
        #expect(
            try Patience.until {
                if !killed.remains.isEmpty { return true }
                killed = try LabSession()
                killed.end(with: SIGKILL)
                return false
            })
        let next = try LabSession()
        #expect(killed.remains.isEmpty)
        #expect(living.remains.count == 5)
        #expect(next.remains.count == 5)
    }
}
