// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.2 and §3.3: when the jump begins, and how far it goes.
    @Suite(.tags(.exactPath)) struct CarefulJump {
        private struct Limit {
            var name: String
            var change: (inout Settings) -> Void = { _ in }
            var rule: UInt64?
            /// Bytes.
            var jump: Int
        }

        @Test("§3.3: the jump is at most half of the saved window, max_jump, a network's rule and the largest window")
        func bound() async throws {
            try await CarefulPath.requiresOpenWindow()
            let limits = [
                Limit(name: "saved_cwnd / 2", jump: 187_500),
                Limit(name: "max_jump", change: { $0.maxJumpBytes = 100_000 }, jump: 100_000),
                Limit(name: "largest window", change: { $0.maxWindowBytes = 80_000 }, jump: 80_000),
                Limit(name: "rule", rule: 60_000, jump: 60_000),
            ]
            let flows = try await CarefulPath.measure { path in
                try limits.enumerated().map { index, limit in
                    var settings = CarefulPath.settings
                    limit.change(&settings)
                    let bed = path.attached.bed
                    try Handover.attach(
                        to: try Cgroup(path: bed.cgroup), settings: settings, pinDirectory: bed.pinDirectory)
                    if let rule = limit.rule, let network = NetworkPrefix("10.77.0.0/24") {
                        try path.attached.handover.setRule(PrefixRule(maxWindowBytes: rule), for: network)
                    }
                    try path.save("10.77.0.\(index + 2)")
                    return try path.flow(.init(bytes: 400_000), name: limit.name, from: "10.77.0.\(index + 2)")
                }
            }
            for (limit, flow) in zip(limits, flows) {
                let segments = limit.jump / CarefulPath.mss
                let comment = Comment(rawValue: "\(limit.name): \(flow)")
                #expect(flow.outcome == .resumed, comment)
                #expect(flow.decision.jumpSegments == UInt32(segments), comment)
                #expect(flow.firstFlightBytes <= limit.jump, comment)
                #expect(flow.firstFlightBytes >= limit.jump * 9 / 10, comment)
                let early = flow.stream.samples.filter { $0.time < flow.firstAcknowledgementTime }
                #expect(!early.isEmpty && early.allSatisfy { $0.cwnd <= segments }, comment)
                #expect(try flow.change(to: .unvalidated).cwndSegments <= UInt32(segments), comment)
            }
        }

        @Test("§3.2: after the first round: the jump waits until all initial data is acknowledged")
        func afterFirstRound() async throws {
            try await CarefulPath.requiresOpenWindow()
            var settings = CarefulPath.settings
            settings.jump = .afterFirstRound
            let flow = try await CarefulPath.measure(settings) { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000))
            }
            let comment = Comment(rawValue: "\(flow)")
            let initial = CarefulPath.initialWindow * CarefulPath.mss
            #expect(flow.firstFlightBytes == initial, comment)
            let acknowledged = try #require(flow.acknowledgements.first { $0.upTo >= initial })
            // Until then TCP's own slow start: one segment more for each acknowledged segment.
            for segment in flow.segments where segment.time < acknowledged.time {
                let before = flow.acknowledgements.filter { $0.time <= segment.time }.map(\.upTo).max() ?? 0
                #expect(segment.end <= initial + 2 * before, comment)
            }
            let jump = try #require(flow.acknowledgements.first { $0.upTo > initial })
            #expect(flow.flightBytes(at: jump.time - 1) >= CarefulPath.jump * CarefulPath.mss * 9 / 10, comment)
            #expect(flow.flightBytes(at: jump.time - 1) <= CarefulPath.jump * CarefulPath.mss, comment)
            #expect(flow.triggers.prefix(2) == [.resumed, .congestionWindowLimited], comment)
        }

        @Test("at once: the jump is in the first flight, because the handshake has confirmed the RTT")
        func atOnce() async throws {
            try await CarefulPath.requiresOpenWindow()
            let flow = try await CarefulPath.measure { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000))
            }
            let comment = Comment(rawValue: "\(flow)")
            #expect(flow.firstFlightBytes >= CarefulPath.jump * CarefulPath.mss * 9 / 10, comment)
            #expect(flow.firstFlightBytes <= CarefulPath.jump * CarefulPath.mss, comment)
            #expect(flow.triggers.prefix(2) == [.resumed, .congestionWindowLimited], comment)
            #expect(flow.triggers.last == .lastUnvalidatedPacketAcknowledged, comment)
        }

        @Test("a small first flight, such as a TLS handshake's, doesn't use the jump up", arguments: Jump.allCases)
        func smallFirstFlight(jump: Jump) async throws {
            try await CarefulPath.requiresOpenWindow()
            var settings = CarefulPath.settings
            settings.jump = jump
            let flow = try await CarefulPath.measure(settings) { path in
                try path.save()
                return try path.flow(.init(bytes: 4000), .init(after: 0.15, bytes: 600_000))
            }
            let comment = Comment(rawValue: "\(flow)")
            #expect(flow.firstFlightBytes == 4000, comment)
            let next = try #require(flow.acknowledgements.first { $0.upTo > 4000 })
            #expect(flow.flightBytes(at: next.time - 1) >= CarefulPath.jump * CarefulPath.mss * 9 / 10, comment)
            #expect(flow.flightBytes(at: next.time - 1) <= CarefulPath.jump * CarefulPath.mss, comment)
        }
    }
}
