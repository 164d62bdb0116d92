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
            var reader = try attached.handover.watch()
            let server = try attached.probe.connect(name).server
            let events = try reader.read(timeoutMilliseconds: 2000)
            let event = try #require(events.first, sourceLocation: location)
            #expect(event.outcome == outcome.rawValue, sourceLocation: location)
            #expect(try attached.count(outcome) == before + 1, sourceLocation: location)
            #expect((server.cwnd == 10) == (outcome != .resumed), sourceLocation: location)
            #expect(event.endpoint == RemoteEndpoint("10.77.0.2"), sourceLocation: location)
            return event
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
                try attached.save(cwnd: 400_000, age: .seconds(61), lifetime: .seconds(100))
                _ = try expect(.resumed, attached)
                try attached.save(cwnd: 400_000, age: .seconds(2), lifetime: .seconds(1))
                _ = try expect(.expired, attached, name: "next")
            }
        }

        @Test("while the QUIC connection is alive nothing is resumed; after its silence TCP is")
        func gated() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, failed: false)
                _ = try expect(.gated, attached)
                try await Task.sleep(for: .milliseconds(300))
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
                try attached.save(cwnd: 400_000, failed: false, rtt: 600_000, silence: .milliseconds(1700))
                _ = try expect(.gated, attached)
                // Once the gate is open, the next check, of the RTT, refuses: the veth isn't that slow.
                try attached.save(cwnd: 400_000, failed: false, rtt: 600_000, silence: .milliseconds(1900))
                _ = try expect(.rttMismatch, attached, name: "later")
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
            try await Attached.with { attached in
                try attached.probe.listen()
                // A handshake over a veth takes some 20 to 500 µs.
                try attached.save(cwnd: 400_000, rtt: 100_000)
                var event = try expect(.rttMismatch, attached)
                #expect(event.savedRTTMicroseconds == 100_000)
                #expect(event.handshakeRTTMicroseconds > 0)
                try attached.save(cwnd: 400_000, rtt: 1)
                _ = try expect(.rttMismatch, attached, name: "longer")
                event = try expect(.rttMismatch, attached, name: "again")
                try attached.save(cwnd: 400_000, rtt: event.handshakeRTTMicroseconds)
                _ = try expect(.resumed, attached, name: "same")
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
                try await Task.sleep(for: .milliseconds(200))
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
                let watch = Process()
                watch.executableURL = URL(fileURLWithPath: Machine.product("baton"))
                watch.arguments = ["watch", "--pin-directory", attached.bed.pinDirectory]
                watch.standardOutput = FileHandle.nullDevice
                watch.standardError = FileHandle.nullDevice
                try watch.run()
                let map = try ArrayMap<UInt64>(pinnedAt: attached.bed.pinDirectory + "/maps/watchers")
                for _ in 0..<50 where try map.value(at: 0) == 0 { try await Task.sleep(for: .milliseconds(50)) }
                #expect(try map.value(at: 0) > KernelClock.nowNanoseconds)
                kill(watch.processIdentifier, SIGKILL)
                watch.waitUntilExit()
                try await Task.sleep(for: .milliseconds(2100))
                #expect(try map.value(at: 0) < KernelClock.nowNanoseconds)
            }
        }

        @Test("an event contains everything that a person needs")
        func event() async throws {
            try await Attached.with { attached in
                try attached.probe.listen(control: "reno")
                try attached.save(cwnd: 400_000, ssthresh: 300_000, silence: .seconds(1))
                var reader = try attached.handover.watch()
                let server = try attached.probe.connect(control: "reno").server
                let event = try #require(try reader.read(timeoutMilliseconds: 2000).first)
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

        @Test("a second reader of the decisions is refused, and the error says what to do")
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
