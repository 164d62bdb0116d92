// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import PathEmulator
import Testing

/// `baton-lab path` as the lab uses it: with a plan, and told what to do line by line.
@Suite(.serialized, .enabled(if: LabSession.isPossible, "needs root: namespaces, TUN devices"))
struct PathControlTests {
    private static let addresses = ["10.99.0.1", "10.99.0.2"]

    private func link(milliseconds: Int64, loss: LossModel = .none) -> LinkConfiguration {
        LinkConfiguration(
            bitsPerSecond: 100_000_000, delayNanoseconds: milliseconds * 1_000_000, queueBytes: 10_000_000, loss: loss)
    }

    /// 2 ms with bursts of loss, then 60 ms when told, then 100 ms half a second after the start.
    private var plan: PathPlan {
        let bursts = LossModel.burst(toBad: 0.05, toGood: 0.3, lossInGood: 0, lossInBad: 1)
        return PathPlan(stages: [
            .init(forward: link(milliseconds: 1, loss: bursts), backward: link(milliseconds: 1)),
            .init(forward: link(milliseconds: 30), backward: link(milliseconds: 30)),
            .init(
                afterStartNanoseconds: 500_000_000, forward: link(milliseconds: 50), backward: link(milliseconds: 50)),
        ])
    }

    private func makePath(_ session: LabSession) throws -> PathProcess {
        let path = try PathProcess(session, device: "path1", plan: plan)
        for (namespace, address) in zip([session.server, session.client], Self.addresses) {
            // no address of its own for IPv6, so that the kernel sends nothing that draws from the sequences
            let batch = """
                link set path1 addrgenmode none
                address add \(address)/24 dev path1
                link set path1 txqueuelen 10000 up
                """
            let command = "printf '%s\\n' '\(batch)' | ip -n \(namespace.name) -batch -"
            guard system(command) == 0 else { throw LabSession.Failure(message: "\(command) failed") }
        }
        return path
    }

    @Test("the same seed loses the same packets of a plain sender, another seed others")
    func seeds() throws {
        let session = try LabSession()
        let path = try makePath(session)
        // somebody has to listen: ICMP's answer would make the next send fail
        let sink = try UDPSocket(in: session.client, address: Self.addresses[1], port: 9)
        defer { withExtendedLifetime(sink) {} }
        let sender = try UDPSocket(in: session.server, address: Self.addresses[0])
        try sender.connect(to: Self.addresses[1], port: 9)
        let lost = try [5, 5, 6].map { seed in
            try path.answer("begin \(seed)", with: #"{"event":"begun","schema":1}"#)
            for _ in 0..<1000 {
                sender.send(bytes: 100)
            }
            var (arrived, lost): (Int64, Int64) = (0, 0)
            var indexes: [Int64] = []
            let isAccounted = try Patience.until {
                let report = try path.report().forward
                (arrived, lost) = (arrived + report.packets, lost + report.randomDrops)
                // these count since the beginning, the others since the last report
                indexes = report.randomDropIndexes
                return arrived + lost >= 1000
            }
            #expect(isAccounted && arrived + lost == 1000)
            #expect(lost == Int64(indexes.count))
            return indexes
        }
        #expect(lost[0] == lost[1])
        #expect(lost[0] != lost[2])
        #expect((50...300).contains(lost[0].count))
    }

    @Test("stages begin when told and at their moments, and a new beginning empties the path")
    func stages() throws {
        let session = try LabSession()
        let path = try makePath(session)
        let echo = try UDPSocket(in: session.client, address: Self.addresses[1], port: 7)
        let client = try UDPSocket(in: session.server, address: Self.addresses[0])
        try client.connect(to: Self.addresses[1], port: 7)
        func roundTrip() throws -> Double {
            let start = MonotonicClock.now()
            client.send(bytes: 64)
            try #require(echo.echo() && client.receive() == 64)
            return Double(MonotonicClock.now() - start) / 1e6
        }
        try path.answer("stage 1", with: #"{"event":"stage","schema":1,"stage":1}"#)
        #expect(try roundTrip() >= 60)
        try path.answer("start", with: #"{"event":"started","schema":1}"#)
        usleep(500_000)
        #expect(try roundTrip() >= 100)
        #expect(try path.report().stage == 2)

        for _ in 0..<100 {
            client.send(bytes: 64)
        }
        try path.answer("begin 1", with: #"{"event":"begun","schema":1}"#)
        usleep(100_000)
        let report = try path.report()
        #expect(report.stage == 0)
        #expect(report.forward.packets == 0 && report.forward.randomDrops == 0)
    }

    @Test("a bad line is named, and the end of the lines is not the end of the path")
    func lines() throws {
        let session = try LabSession()
        let path = try makePath(session)
        for line in ["stage 3", "begin", "stop"] {
            #expect(try path.answer(line).contains(#""event":"error","message":"'\#(line)'"#))
        }
        path.closeInput()
        usleep(50_000)
        kill(path.process, SIGUSR1)
        #expect(try path.line().contains(#""event":"counters""#))
        kill(path.process, SIGTERM)
        #expect(try path.line().contains(#""event":"counters""#))
        #expect(path.wait() == 0)
    }

    @Test("a plan that cannot be emulated, or is not all that is said, is refused", arguments: [0, 1])
    func refusal(which: Int) throws {
        let session = try LabSession()
        var plan = plan
        if which == 0 { plan.stages[2].backward.queueBytes = 1 }
        let path = try PathProcess(session, device: "path1", plan: plan, options: which == 1 ? ["--rtt", "5ms"] : [])
        #expect(path.wait() == 64)
    }
}
