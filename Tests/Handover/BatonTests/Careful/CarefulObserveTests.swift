// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Glibc
import PathEmulator
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.1: what a connection finds the path to carry is saved for the next one.
    @Suite(.tags(.exactPath)) struct CarefulObserve {
        @Test(
            "§3.1: a good end saves what the path carries per minimum RTT, no overshoot; the next connection uses it",
            arguments: ["cubic", "reno", "bbr"])
        func goodEnd(control: String) async throws {
            let (first, before, record, count, second) = try await CarefulPath.measure { path in
                try path.save()
                let before = try path.saved()?.generation
                let first = try path.flow(.init(bytes: 4_000_000), name: "first", control: control)
                try path.close("first")
                let record = try path.saved(otherThan: before)
                let count = try path.attached.handover.list().count
                let second = try path.flow(.init(bytes: 600_000), name: "second", control: control)
                return (first, before, record, count, second)
            }
            let comment = Comment(rawValue: "\(first), saved \(record as Any)")
            let saved = try #require(record)
            #expect(Double(saved.cwndBytes) >= 0.5 * CarefulPath.bandwidthDelayProduct, comment)
            #expect(Double(saved.cwndBytes) <= 1.5 * CarefulPath.bandwidthDelayProduct, comment)
            #expect(saved.isFromTCP && saved.hasFailed, comment)
            #expect(saved.generation != before, comment)
            #expect((60_000...65_000).contains(saved.minRTTMicroseconds), comment)
            // One record per endpoint.
            #expect(count == 1)
            #expect(second.outcome == .resumed, "\(second)")
            #expect(second.decision.savedCwndBytes == saved.cwndBytes, "\(second)")
            #expect(UInt64(second.decision.jumpSegments) == saved.cwndBytes / 2 / UInt64(CarefulPath.mss), "\(second)")
        }

        @Test("§3.1: a rate-limited connection doesn't change the record")
        func rateLimited() async throws {
            let (flow, before, after) = try await CarefulPath.measure { path in
                try path.save()
                let before = try path.saved()
                let flow = try path.flow(
                    .init(bytes: 12 * CarefulPath.mss), .init(after: 0.2, bytes: 2 * CarefulPath.mss),
                    .init(after: 0.4, bytes: 2 * CarefulPath.mss))
                try path.close()
                return (flow, before, try path.saved())
            }
            #expect(flow.triggers.last == .rateLimited, "\(flow)")
            #expect(before != nil && before == after, "\(flow)")
        }

        @Test("§3.1: the record of a path that turns out to carry less than four initial windows is deleted")
        func smallPath() async throws {
            // 4 Mbit/s and 60 ms are 30,000 bytes; the queue takes the jump of 34 segments without loss.
            let (flow, record) = try await CarefulPath.measure(
                on: CarefulPath.plan(CarefulPath.link(megabits: 4, queue: 1_000_000))
            ) { path in
                try path.save(cwnd: 100_000)
                let generation = try path.saved()?.generation
                let flow = try path.flow(.init(bytes: 500_000))
                try path.close()
                return (flow, try path.saved(otherThan: generation))
            }
            #expect(flow.outcome == .resumed && !flow.triggers.contains(.packetLoss), "\(flow)")
            #expect(flow.triggers.last == .lastUnvalidatedPacketAcknowledged, "\(flow)")
            #expect(record == nil, "\(flow)")
        }

        @Test("§3.1: a window below four initial windows, or below the configured one, isn't used")
        func tooSmall() async throws {
            let flows = try await CarefulPath.measure { path in
                try path.save(cwnd: UInt64(4 * CarefulPath.initialWindow * CarefulPath.mss - 1))
                let small = try path.flow(.init(bytes: 50_000), name: "small")
                try path.save("10.77.0.3", cwnd: UInt64(4 * CarefulPath.initialWindow * CarefulPath.mss))
                return [small, try path.flow(.init(bytes: 50_000), name: "enough", from: "10.77.0.3")]
            }
            #expect(flows.map(\.outcome) == [.tooSmall, .resumed], "\(flows)")
            #expect(flows[0].phases.isEmpty && flows[0].firstFlightBytes <= 14_480, "\(flows)")
        }

        @Test("a record that a newer QUIC connection has saved meanwhile isn't replaced")
        func newerRecord() async throws {
            let record = try await CarefulPath.measure { path in
                try path.save()
                _ = try path.flow(.init(bytes: 1_000_000), established: { try path.save(cwnd: 200_000) })
                try path.close()
                return try path.saved()
            }
            #expect(record?.cwndBytes == 200_000 && record?.isFromTCP == false)
        }
    }
}
