// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import PathEmulator
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.3 to §3.5: the jump meets congestion.
    @Suite(.tags(.exactPath)) struct CarefulRetreat {
        enum Congestion: CaseIterable { case loss, mark }

        /// In Unvalidated the acknowledgements arrive sooner than after the handshake's RTT, when the jump is half
        /// sent.
        private func plan(_ congestion: Congestion, in phase: Phase) -> PathPlan {
            let number: Int64 = phase == .unvalidated ? 3 : 60
            var link = CarefulPath.link(delay: phase == .unvalidated ? 15 : 30)
            if congestion == .loss {
                link.loss = .packets(first: number, count: 1)
            } else {
                link.marked = PacketRange(first: number)
            }
            return CarefulPath.plan(CarefulPath.link(), link)
        }

        private func send(
            _ congestion: Congestion, in phase: Phase, control: String = "cubic", name: String = "connection",
            _ path: CarefulPath
        ) throws -> CarefulFlow {
            try path.save()
            return try path.flow(
                .init(bytes: 600_000), name: name, control: control, established: { try path.path.enter(stage: 1) })
        }

        @Test(
            "§3.3, §3.4, §3.5: after congestion the window is half of PipeSize and doesn't grow; the record is deleted",
            arguments: Congestion.allCases, [Phase.unvalidated, .validating])
        func retreat(_ congestion: Congestion, in phase: Phase) async throws {
            try await CarefulPath.requiresOpenWindow()
            let (flow, record) = try await CarefulPath.measure(on: plan(congestion, in: phase)) { path in
                try path.useECN()
                return (try send(congestion, in: phase, path), try path.saved())
            }
            let comment = Comment(rawValue: "\(flow)")
            let retreat = try flow.change(to: .safeRetreat)
            #expect(retreat.oldPhase == phase.rawValue, comment)
            #expect(retreat.trigger == (congestion == .loss ? Trigger.packetLoss : .ecnCE).rawValue, comment)
            #expect(retreat.cwndSegments * 2 <= retreat.pipeSizeSegments, comment)
            #expect(record == nil, comment)

            let samples = try flow.samples(from: .safeRetreat, until: .normal)
            #expect(samples.count >= 5, comment)
            #expect(samples.allSatisfy { $0.cwnd <= retreat.cwndSegments }, comment)

            let normal = try flow.change(to: .normal)
            #expect(normal.trigger == Trigger.exitRecovery.rawValue, comment)
            #expect(normal.cwndSegments <= retreat.cwndSegments, comment)
            let last = Int(retreat.lastUnvalidatedByte)
            #expect(flow.acknowledged(by: normal.timeNanoseconds) >= last, comment)
            // Once the kernel's own recovery is over too, which lasts as long as what was in flight at its beginning: a
            // round trip of 60 ms at most.
            let acknowledged = try #require(flow.acknowledgements.first { $0.upTo >= last })
            #expect(normal.timeNanoseconds < acknowledged.time + 120_000_000, comment)
            // From there the window grows, and doesn't leap to the threshold.
            let next = try #require(flow.stream.samples.first { $0.time > normal.timeNanoseconds })
            #expect(next.cwnd < max(normal.cwndSegments + 10, normal.ssthreshSegments / 2), comment)
            #expect(flow.stream.received == 600_000, comment)
            #expect(congestion == .loss ? flow.retransmissions > 0 : flow.retransmissions == 0, comment)
        }

        private struct Beta {
            var control: String
            var configured: UInt32
            var percent: UInt32
        }

        @Test("§3.5: the threshold is at most PipeSize × Beta: 70 % for cubic, 50 % for others, or as configured")
        func threshold() async throws {
            try await CarefulPath.requiresOpenWindow()
            let betas = [
                Beta(control: "cubic", configured: 0, percent: 70), Beta(control: "reno", configured: 0, percent: 50),
                Beta(control: "bbr", configured: 0, percent: 50), Beta(control: "cubic", configured: 60, percent: 60),
            ]
            let flows = try await CarefulPath.measure(on: plan(.loss, in: .validating)) { path in
                try betas.enumerated().map { index, beta in
                    var settings = CarefulPath.settings
                    settings.betaPercent = beta.configured
                    let bed = path.attached.bed
                    try Handover.attach(
                        to: try Cgroup(path: bed.cgroup), settings: settings, pinDirectory: bed.pinDirectory)
                    return try send(.loss, in: .validating, control: beta.control, name: "\(index)", path)
                }
            }
            for (beta, flow) in zip(betas, flows) {
                let comment = Comment(rawValue: "\(beta.control): \(flow)")
                let normal = try flow.change(to: .normal)
                #expect(normal.trigger == Trigger.exitRecovery.rawValue, comment)
                #expect(normal.ssthreshSegments * 100 <= normal.pipeSizeSegments * beta.percent, comment)
                #expect(normal.ssthreshSegments >= normal.pipeSizeSegments * (beta.percent - 5) / 100, comment)
                // No more is validated than the jump and what was in flight before it.
                #expect(normal.pipeSizeSegments <= UInt32(CarefulPath.jump + CarefulPath.initialWindow) + 2, comment)
                #expect(flow.stream.samples.last?.control == beta.control, comment)
            }
        }

        @Test("§3.3: an RTT that falls to half of the saved one or less during the jump is another path: Safe Retreat")
        func pathChange() async throws {
            try await CarefulPath.requiresOpenWindow()
            let plan = CarefulPath.plan(CarefulPath.link(), CarefulPath.link(delay: 10))
            let (flow, record) = try await CarefulPath.measure(on: plan) { path in
                try path.save(rtt: 100_000)
                let flow = try path.flow(.init(bytes: 600_000), established: { try path.path.enter(stage: 1) })
                return (flow, try path.saved())
            }
            let comment = Comment(rawValue: "\(flow)")
            let retreat = try flow.change(to: .safeRetreat)
            #expect(retreat.trigger == Trigger.pathChanged.rawValue, comment)
            #expect(retreat.oldPhase == Phase.unvalidated.rawValue, comment)
            #expect(retreat.cwndSegments * 2 <= retreat.pipeSizeSegments, comment)
            #expect(record == nil, comment)
        }

        @Test("§3.5: a record that a newer QUIC connection has saved meanwhile isn't deleted")
        func newerRecord() async throws {
            try await CarefulPath.requiresOpenWindow()
            let (flow, record) = try await CarefulPath.measure(on: plan(.loss, in: .validating)) { path in
                try path.save()
                let flow = try path.flow(
                    .init(bytes: 600_000),
                    established: {
                        try path.path.enter(stage: 1)
                        try path.save(cwnd: 200_000)
                    })
                return (flow, try path.saved())
            }
            #expect(try flow.change(to: .safeRetreat).trigger == Trigger.packetLoss.rawValue, "\(flow)")
            #expect(record?.cwndBytes == 200_000)
        }

        /// Whether the first two packets still arrive, so that an acknowledgement starts the jump, or none does.
        @Test(
            "§3.6: after a retransmission timeout the socket has its own control, and the record is deleted",
            arguments: [true, false])
        func retransmissionTimeout(begun: Bool) async throws {
            try await CarefulPath.requiresOpenWindow()
            var silent = CarefulPath.link(delay: 15)
            silent.loss = .packets(first: begun ? 3 : 1, count: .max)
            let plan = CarefulPath.plan(CarefulPath.link(), silent, CarefulPath.link(), after: [2: 0.6])
            let (flow, record) = try await CarefulPath.measure(on: plan) { path in
                try path.save()
                let flow = try path.flow(
                    .init(bytes: 400_000),
                    established: {
                        try path.path.enter(stage: 1)
                        try path.path.start()
                    })
                return (flow, try path.saved())
            }
            let comment = Comment(rawValue: "\(flow)")
            let normal = try flow.change(to: .normal)
            #expect(normal.trigger == Trigger.retransmissionTimeout.rawValue, comment)
            #expect(normal.oldPhase == (begun ? Phase.unvalidated : .reconnaissance).rawValue, comment)
            #expect(normal.cwndSegments <= 1, comment)
            #expect(normal.ssthreshSegments * 100 <= max(normal.pipeSizeSegments, 10) * 70, comment)
            #expect(record == nil, comment)
            #expect(try flow.samples(from: .normal).allSatisfy { $0.control == "cubic" }, comment)
            #expect(flow.stream.received == 400_000, comment)
        }
    }
}
