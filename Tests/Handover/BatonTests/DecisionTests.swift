// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import Glibc
import TestSupport
import Testing

extension KernelTests {
    /// When a connection isn't resumed, and how that is reported.
    @Suite struct Decisions {
        /// Connects once, and expects the outcome in the counters, in the event and in the window.
        private func expect(
            _ outcome: Outcome, _ attached: Attached, name: String = "connection",
            _ location: SourceLocation = #_sourceLocation
        ) throws -> Decision {
            let before = try attached.count(outcome)
            let (event, server, connections) = try attached.decide(name)
            #expect(event.outcome == outcome.rawValue, sourceLocation: location)
            #expect(try attached.count(outcome) == before + connections, sourceLocation: location)
            #expect((server.cwnd == 10) == (outcome != .resumed), sourceLocation: location)
            #expect(event.endpoint == RemoteEndpoint("10.77.0.2"), sourceLocation: location)
            return event
        }

        /// Connects until the outcome is the one that is looked for. What a decision depends on is what the kernel measured
        /// of the connection, and not how fast this machine is: by that each of them must be right.
        private func find(
            _ wanted: Outcome, _ attached: Attached, by rule: (Decision) -> Outcome,
            _ location: SourceLocation = #_sourceLocation, save: () throws -> Void
        ) throws {
            var number = 0
            let isFound = try Patience.until {
                number += 1
                try save()
                let decision = try attached.decide("\(wanted) \(number)").decision
                #expect(Outcome(rawValue: decision.outcome) == rule(decision), "\(decision)", sourceLocation: location)
                return decision.outcome == wanted.rawValue
            }
            #expect(isFound, "never \(wanted)", sourceLocation: location)
        }

        @Test("an expired record is deleted and not used")
        func expired() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, age: .seconds(61))
                let event = try expect(.expired, attached)
                #expect(event.ageNanoseconds >= 61_000_000_000)
                #expect(try attached.handover.saved.value(for: try attached.endpoint("10.77.0.2")) == nil)
                _ = try expect(.noRecord, attached, name: "next")
            }
        }

        @Test("a record's own lifetime takes precedence over the configured one")
        func ownLifetime() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, age: .seconds(61), lifetime: .seconds(1000))
                _ = try expect(.resumed, attached)
                try attached.save(cwnd: 400_000, age: .seconds(2), lifetime: .seconds(1))
                _ = try expect(.expired, attached, name: "next")
            }
        }

        @Test("while the QUIC connection is alive nothing is resumed; after its silence TCP is")
        func gated() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                func rule(_ decision: Decision) -> Outcome {
                    decision.silenceNanoseconds <= 250_000_000 ? .gated : .resumed
                }
                try find(.gated, attached, by: rule) { try attached.save(cwnd: 400_000, failed: false) }
                try attached.save(cwnd: 400_000, failed: false, silence: .milliseconds(251))
                let event = try expect(.resumed, attached, name: "later")
                #expect(event.silenceNanoseconds > 250_000_000)
            }
        }

        @Test("the gate waits for three round trips of a slow path")
        func slowPath() async throws {
            var settings = Settings.exact
            settings.gate = .quiet
            try await Attached.with(settings) { attached in
                try attached.probe.listen()
                // Past the gate the next check, of the RTT, refuses where the veth is not that slow.
                func rule(_ decision: Decision) -> Outcome {
                    if decision.silenceNanoseconds <= 1_800_000_000 { return .gated }
                    return decision.handshakeRTTMicroseconds <= 300_000 ? .rttMismatch : .resumed
                }
                func save(silence: Duration) throws {
                    try attached.save(cwnd: 400_000, failed: false, rtt: 600_000, silence: silence)
                }
                try find(.gated, attached, by: rule) { try save(silence: .milliseconds(1700)) }
                try find(.rttMismatch, attached, by: rule) { try save(silence: .milliseconds(1801)) }
            }
        }

        @Test("the gates 'always' and 'never', changed while attached")
        func otherGates() async throws {
            try await Attached.with { attached in
                var settings = Settings.exact
                settings.gate = .always
                let cgroup = try Cgroup(path: attached.bed.cgroup)
                try Handover.attach(to: cgroup, settings: settings, pinDirectory: attached.bed.pinDirectory)
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, failed: false)
                _ = try expect(.resumed, attached)
                settings.gate = .never
                try Handover.attach(to: cgroup, settings: settings, pinDirectory: attached.bed.pinDirectory)
                try attached.save(cwnd: 400_000, failed: true)
                _ = try expect(.gated, attached, name: "never")
            }
        }

        @Test("another RTT means another path: half, or ten times as long")
        func rttMismatch() async throws {
            // No handshake is faster than the emulated path: 40 ms.
            try await Attached.with(on: CarefulPath.plan(CarefulPath.link(delay: 10))) { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, rtt: 100_000_000)
                let event = try expect(.rttMismatch, attached)
                #expect(event.savedRTTMicroseconds == 100_000_000)
                #expect(event.handshakeRTTMicroseconds >= 40_000)
                try attached.save(cwnd: 400_000, rtt: 3999)
                _ = try expect(.rttMismatch, attached, name: "longer")
                func rule(_ decision: Decision) -> Outcome {
                    (20_001...400_000).contains(decision.handshakeRTTMicroseconds) ? .resumed : .rttMismatch
                }
                try find(.resumed, attached, by: rule) { try attached.save(cwnd: 400_000, rtt: 40_000) }
            }
        }

        @Test("one connection at a time; the next one when it has closed")
        func inUse() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000)
                _ = try expect(.resumed, attached, name: "first")
                _ = try expect(.inUse, attached, name: "second")
                try attached.probe.close("first")
                try await waitUntil("the claim is released") { try attached.claims() == 0 }
                _ = try expect(.resumed, attached, name: "third")
            }
        }

        @Test("one at a time, even if there is room for a single record only")
        func inUseAtCapacityOne() async throws {
            var settings = Settings.exact
            settings.capacity = 1
            try await Attached.with(settings) { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000)
                _ = try expect(.resumed, attached, name: "first")
                for index in 0..<5 { _ = try expect(.inUse, attached, name: "next \(index)") }
            }
        }

        @Test(
            "connections without a record are reported only while somebody reads; a killed reader soon no longer counts"
        )
        func watchers() async throws {
            try await Attached.with { attached in
                let map = try ArrayMap<UInt64>(pinnedAt: attached.bed.pinDirectory + "/maps/watchers")
                try await WatchProcess.with(attached) { watch in
                    watch.end(by: SIGKILL)
                    // A reader says every now and then that it is there for the next two seconds.
                    let told = try map.value(at: 0)
                    #expect(told <= KernelClock.nowNanoseconds + 2_000_000_000)
                    try await waitUntil("it is forgotten") { try map.value(at: 0) < KernelClock.nowNanoseconds }
                    #expect(try map.value(at: 0) == told)
                }
            }
        }

        @Test("an event contains everything that a person needs")
        func event() async throws {
            try await Attached.with { attached in
                try attached.probe.listen(control: "reno")
                try attached.save(cwnd: 400_000, ssthresh: 300_000, silence: .seconds(1))
                let (event, server, _) = try attached.decide("reno", control: "reno")
                #expect(event.savedCwndBytes == 400_000)
                #expect(event.savedSSThreshBytes == 300_000)
                #expect(UInt64(event.mssBytes) == server.mss)
                #expect(event.initialCwndSegments == 10)
                #expect(UInt64(event.cwndSegments) == server.cwnd)
                #expect(UInt64(event.ssthreshSegments) == server.ssthresh)
                #expect(event.congestionControl.text == "reno")
                #expect(event.pacingRate > 0)
                #expect(event.operation == 5)
                #expect(event.socketCookie != 0)
                #expect(event.silenceNanoseconds >= 1_000_000_000)
            }
        }

        @Test("a second reader of the decisions is refused, naming the fix")
        func oneReader() async throws {
            try await Attached.with { attached in
                let reader = try attached.handover.watch()
                #expect(throws: BPFError.self) { _ = try attached.handover.watch() }
                _ = consume reader
                _ = try attached.handover.watch()
            }
        }
    }
}
