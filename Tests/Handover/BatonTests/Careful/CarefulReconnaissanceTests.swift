// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Glibc
import PathEmulator
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.2: the conditions for a jump.
    @Suite(.tags(.exactPath)) struct CarefulReconnaissance {
        /// TCP behaved as without saved parameters: no more than slow start in the first two round trips.
        private func expectNoJump(_ flow: CarefulFlow, _ location: SourceLocation = #_sourceLocation) {
            let comment = Comment(rawValue: "\(flow)")
            let initial = CarefulPath.initialWindow * CarefulPath.mss
            #expect(flow.firstFlightBytes <= initial, comment, sourceLocation: location)
            let next = flow.acknowledgements.first { $0.upTo > initial }?.time ?? .max
            let early = flow.segments.filter { $0.time < next }.map(\.end).max() ?? 0
            #expect(early <= 3 * initial, comment, sourceLocation: location)
            #expect(
                !flow.phases.contains { $0.newPhase == Phase.unvalidated.rawValue }, comment, sourceLocation: location)
            #expect(flow.stream.samples.last?.control == "cubic", comment, sourceLocation: location)
        }

        @Test("§3.2: an RTT of half the saved one or less, §4.2.1: of more than ten times: nothing is resumed")
        func roundTripTime() async throws {
            let saved: [UInt32] = [140_000, 100_000, 7000, 5000]
            let flows = try await CarefulPath.measure { path in
                try saved.enumerated().map { index, rtt in
                    try path.save("10.77.0.\(index + 2)", rtt: rtt)
                    return try path.flow(.init(bytes: 100_000), name: "\(rtt)", from: "10.77.0.\(index + 2)")
                }
            }
            #expect(flows.map(\.outcome) == [.rttMismatch, .resumed, .resumed, .rttMismatch], "\(flows)")
            for flow in flows where flow.outcome == .rttMismatch { expectNoJump(flow) }
        }

        @Test("§3.2: an RTT that falls to half of the saved one or less in the first round: no jump")
        func fallingRoundTripTime() async throws {
            var settings = CarefulPath.settings
            settings.jump = .afterFirstRound
            let plan = CarefulPath.plan(CarefulPath.link(), CarefulPath.link(delay: 10))
            let flow = try await CarefulPath.measure(on: plan, settings) { path in
                try path.save(rtt: 100_000)
                return try path.flow(.init(bytes: 300_000), established: { try path.path.enter(stage: 1) })
            }
            #expect(flow.triggers == [.resumed, .rttNotValidated], "\(flow)")
            expectNoJump(flow)
        }

        enum Congestion: CaseIterable { case loss, mark }

        @Test(
            "§3.2: congestion in the first round, a loss or a CE mark: no jump", arguments: Congestion.allCases,
            Jump.allCases)
        func congestion(_ congestion: Congestion, jump: Jump) async throws {
            var settings = CarefulPath.settings
            settings.jump = jump
            let plan = CarefulPath.plan(
                congestion == .loss
                    ? CarefulPath.link(loss: .packets(first: 4, count: 1))
                    : CarefulPath.link(marked: PacketRange(first: 4)))
            let (flow, record) = try await CarefulPath.measure(on: plan, settings) { path in
                try path.useECN()
                try path.save()
                // With the jump at once: no more than the initial window is sent, so there is no jump in any case.
                let flow = try path.flow(.init(bytes: jump == .atOnce ? 14_000 : 300_000))
                return (flow, try path.saved())
            }
            #expect(flow.triggers == [.resumed, congestion == .loss ? .packetLoss : .ecnCE], "\(flow)")
            #expect(record != nil)
            if jump == .afterFirstRound { expectNoJump(flow) }
        }

        @Test("§3.2: a record whose lifetime has passed isn't used, and is deleted")
        func lifetime() async throws {
            let (flow, record) = try await CarefulPath.measure { path in
                try path.save(lifetime: .milliseconds(100), age: .milliseconds(101))
                return (try path.flow(.init(bytes: 300_000)), try path.saved())
            }
            #expect(flow.outcome == .expired, "\(flow)")
            #expect(record == nil)
            expectNoJump(flow)
        }

        @Test(
            "§3.2: a lifetime that passes while the connection idles before it sends: no jump", arguments: Jump.allCases
        )
        func lifetimeWhileIdle(jump: Jump) async throws {
            var settings = CarefulPath.settings
            settings.jump = jump
            var lifetime = 0.5
            let flow = try await CarefulPath.measure(settings) { path in
                try path.save(lifetime: .seconds(lifetime))
                let flow = try path.flow(.init(bytes: 300_000), established: { usleep(UInt32(lifetime * 1.1e6)) })
                // It had passed before the connection was there.
                if flow.outcome == .expired {
                    lifetime *= 2
                    path.spoil()
                }
                return flow
            }
            #expect(flow.triggers == [.resumed, .lifetimeExceeded], "\(flow)")
            expectNoJump(flow)
        }

        @Test("no jump is needed once slow start has brought the window to the jump's size: TCP continues by itself")
        func ramp() async throws {
            // Each flight fits into the window to which slow start grew with the one before; the jump is 129 segments.
            let sizes = [8, 11, 14, 18, 24, 31, 41, 53, 69, 90, 117]
            let flow = try await CarefulPath.measure { path in
                try path.save()
                let ramp = sizes.enumerated().map {
                    TCPProbe.Step(after: Double($0.offset) * 0.13, bytes: $0.element * CarefulPath.mss)
                }
                return try path.flow(ramp + [.init(after: 1.8, bytes: 2_000_000)])
            }
            #expect(!flow.phases.contains { $0.newPhase == Phase.unvalidated.rawValue }, "\(flow)")
            #expect(flow.triggers == [.resumed, .rateLimited], "\(flow)")
            #expect(flow.stream.samples.last?.control == "cubic", "\(flow)")
            #expect(flow.stream.samples.map(\.cwnd).max() ?? 0 > UInt64(CarefulPath.jump), "\(flow)")
        }

        @Test("§3.2: one connection at a time uses the saved parameters; the next one once it has closed")
        func singleUse() async throws {
            let flows = try await CarefulPath.measure { path in
                try path.save()
                let first = try path.flow(.init(bytes: 100_000), name: "first")
                let second = try path.flow(.init(bytes: 300_000), name: "second")
                try path.save()
                try path.close("first")
                return [first, second, try path.flow(.init(bytes: 100_000), name: "third")]
            }
            #expect(flows.map(\.outcome) == [.resumed, .inUse, .resumed], "\(flows)")
            expectNoJump(flows[1])
        }
    }
}
