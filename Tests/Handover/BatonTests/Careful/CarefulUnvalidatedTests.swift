// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.3 and §3.4: how the Unvalidated Phase ends, and the Validating Phase.
    @Suite(.tags(.exactPath)) struct CarefulUnvalidated {
        @Test("§3.3: after a round trip the window is the flight size, and the jump is validated")
        func roundTrip() async throws {
            try await CarefulPath.requiresOpenWindow()
            let flow = try await CarefulPath.measure { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000))
            }
            let comment = Comment(rawValue: "\(flow)")
            let validating = try flow.change(to: .validating)
            #expect(validating.oldPhase == Phase.unvalidated.rawValue, comment)
            #expect(validating.cwndSegments == validating.flightSegments, comment)
            #expect(validating.cwndSegments <= UInt32(CarefulPath.jump), comment)
            // The last packet of the jump is the last one that had left by then.
            let sent = flow.segments.filter { $0.time <= validating.timeNanoseconds }.map(\.end).max() ?? 0
            #expect(Int(validating.lastUnvalidatedByte) == sent, comment)
            let elapsed = validating.timeNanoseconds - (try #require(flow.segments.first)).time
            #expect(elapsed <= UInt64(CarefulPath.roundTripMicroseconds) * 1250, comment)
        }

        @Test("§3.3: the first packet of the jump is acknowledged: the window is the flight size")
        func firstAcknowledged() async throws {
            try await CarefulPath.requiresOpenWindow()
            // These acknowledgements arrive sooner than after the handshake's RTT, when the jump is half sent.
            let plan = CarefulPath.plan(CarefulPath.link(), CarefulPath.link(delay: 15))
            let flow = try await CarefulPath.measure(on: plan) { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000), established: { try path.path.enter(stage: 1) })
            }
            let comment = Comment(rawValue: "\(flow)")
            let validating = try flow.change(to: .validating)
            #expect(validating.trigger == Trigger.firstUnvalidatedPacketAcknowledged.rawValue, comment)
            #expect(validating.cwndSegments == validating.flightSegments, comment)
            let acknowledged = flow.acknowledged(by: validating.timeNanoseconds)
            #expect(acknowledged > Int(validating.firstUnvalidatedByte), comment)
        }

        @Test("§3.3: PipeSize begins with the flight size before the jump and grows with what is acknowledged")
        func pipeSize() async throws {
            try await CarefulPath.requiresOpenWindow()
            let plan = CarefulPath.plan(CarefulPath.link(), CarefulPath.link(delay: 15))
            let flow = try await CarefulPath.measure(on: plan) { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000), established: { try path.path.enter(stage: 1) })
            }
            let comment = Comment(rawValue: "\(flow)")
            #expect(try flow.change(to: .unvalidated).pipeSizeSegments == UInt32(CarefulPath.initialWindow), comment)
            for phase in [Phase.validating, .normal] {
                let event = try flow.change(to: phase)
                let acknowledged = flow.acknowledged(by: event.timeNanoseconds)
                let expected = CarefulPath.initialWindow + (acknowledged + CarefulPath.mss - 1) / CarefulPath.mss
                #expect(abs(Int(event.pipeSizeSegments) - expected) <= 2, comment)
            }
        }

        @Test("§3.3: no more was sent than is validated: the window is PipeSize, and TCP continues as usual")
        func rateLimited() async throws {
            try await CarefulPath.requiresOpenWindow()
            let flow = try await CarefulPath.measure { path in
                try path.save()
                return try path.flow(.init(bytes: 12 * CarefulPath.mss))
            }
            let comment = Comment(rawValue: "\(flow)")
            let normal = try flow.change(to: .normal)
            #expect(flow.triggers.last == .rateLimited, comment)
            #expect(normal.cwndSegments == max(normal.pipeSizeSegments, UInt32(CarefulPath.initialWindow)), comment)
            #expect(normal.pipeSizeSegments >= normal.flightSegments, comment)
            #expect(!flow.phases.contains { $0.newPhase == Phase.validating.rawValue }, comment)
        }

        @Test("§3.4: an acknowledgement of the last packet of the jump, or of a higher one, ends validation")
        func lastAcknowledged() async throws {
            try await CarefulPath.requiresOpenWindow()
            let flow = try await CarefulPath.measure { path in
                try path.save()
                return try path.flow(.init(bytes: 600_000))
            }
            let comment = Comment(rawValue: "\(flow)")
            let normal = try flow.change(to: .normal)
            #expect(normal.oldPhase == Phase.validating.rawValue, comment)
            #expect(normal.trigger == Trigger.lastUnvalidatedPacketAcknowledged.rawValue, comment)
            #expect(flow.acknowledged(by: normal.timeNanoseconds) >= Int(normal.lastUnvalidatedByte), comment)
            // The window grows as TCP's: nothing was lost, so one segment for each acknowledged segment.
            let validating = try flow.change(to: .validating)
            #expect(normal.cwndSegments > validating.cwndSegments, comment)
            #expect(normal.cwndSegments <= 2 * validating.cwndSegments + 4, comment)
        }
    }
}
