// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Foundation
import Glibc
import TestSupport
import Testing

extension KernelTests {
    /// RFC 9959 §3.7: the socket's own congestion control is in charge again.
    @Suite(.tags(.exactPath)) struct CarefulControl {
        @Test(
            "§3.7: the socket's own control is back with the validated window, freshly initialised",
            arguments: ["cubic", "reno", "bbr"])
        func previousControl(control: String) async throws {
            let flow = try await CarefulPath.measure { path in
                try path.save()
                return try path.flow(.init(bytes: 1_000_000), control: control)
            }
            let comment = Comment(rawValue: "\(flow)")
            let normal = try flow.change(to: .normal)
            let before = flow.stream.samples.filter { $0.time < normal.timeNanoseconds }
            let after = try flow.samples(from: .normal)
            #expect(flow.ends.server.control.hasPrefix("baton"), comment)
            #expect(!before.isEmpty && before.allSatisfy { $0.control.hasPrefix("baton") }, comment)
            #expect(!after.isEmpty && after.allSatisfy { $0.control == control }, comment)
            let first = try #require(after.first)
            #expect(first.cwnd * 50 >= UInt64(normal.cwndSegments) * 49, comment)
            #expect(first.ssthresh == TCPProbe.Info.infiniteSSThresh, comment)
            #expect(flow.stream.received == 1_000_000, comment)
            // struct tcp_bbr_info has 20 bytes, of which the first eight are the bandwidth; the other controls report
            // nothing.
            #expect(flow.stream.controlInfo.count == (control == "bbr" ? 20 : 0), comment)
            if control == "bbr" {
                let bandwidth = flow.stream.controlInfo.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
                #expect((3_000_000...9_000_000).contains(bandwidth), comment)
                // bbr_init_pacing_rate_from_rtt: 2.89 windows a round trip.
                let window = UInt64(normal.cwndSegments) * UInt64(CarefulPath.mss)
                #expect(first.pacingRate >= window * 1_000_000 / UInt64(normal.srttMicroseconds), comment)
            }
        }

        @Test(
            "§3.7: TCP's pacing ends with the jump if the socket's own control doesn't pace",
            arguments: ["cubic", "reno"])
        func pacingIsOver(control: String) async throws {
            let flow = try await CarefulPath.measure { path in
                try path.save(cwnd: 150_000)
                return try path.flow(
                    .init(bytes: 100_000), .init(after: 0.3, bytes: 40 * CarefulPath.mss), control: control)
            }
            let comment = Comment(rawValue: "\(flow)")
            #expect(flow.triggers.last == .lastUnvalidatedPacketAcknowledged, comment)
            let burst = flow.segments.filter { $0.start >= 100_000 }.prefix(40)
            #expect(burst.count == 40, comment)
            let window = try #require(flow.stream.samples.last { $0.time < burst[burst.startIndex].time }).cwnd
            #expect(window >= 40, comment)
            let (start, end) = (try #require(burst.first).time, try #require(burst.last).time)
            // How long they would take at TCP's rate of two windows per RTT (tcp_update_pacing_rate).
            let paced = UInt64(CarefulPath.roundTripMicroseconds) * 1000 * 40 / (2 * window)
            #expect(end - start < paced / 3, comment)
        }

        @Test("when the handover is detached, connections in flight continue under their own control")
        func detachedInFlight() async throws {
            for jump in Jump.allCases {
                var settings = CarefulPath.settings
                settings.jump = jump
                let flow = try await CarefulPath.measure(settings) { path in
                    try path.save()
                    let flow = try path.flow(
                        .init(bytes: 1_000_000),
                        sending: {
                            usleep(40_000)
                            // On another thread: detach waits until all maps are closed, and the reader of the events
                            // here keeps them open.
                            let pins = path.attached.bed.pinDirectory
                            Thread.detachNewThread { _ = try? Handover.detach(pinDirectory: pins) }
                        })
                    // It came too late: the jump was over.
                    if flow.triggers.last != .detached { path.spoil() }
                    return flow
                }
                let comment = Comment(rawValue: "\(jump): \(flow)")
                #expect(flow.stream.received == 1_000_000, comment)
                #expect(flow.triggers.last == .detached, comment)
                #expect(flow.stream.samples.last?.control == "cubic", comment)
                // No more than was in flight.
                let normal = try flow.change(to: .normal)
                #expect(normal.cwndSegments <= max(normal.flightSegments, UInt32(CarefulPath.jump)), comment)
            }
        }

        @Test("IPv6: the jump, its phases and what is saved afterwards are the same as over IPv4")
        func ipv6() async throws {
            try await CarefulPath.requiresOpenWindow()
            let (flow, record) = try await CarefulPath.measure { path in
                try path.save("fd77::2")
                let generation = try path.saved("fd77::2")?.generation
                let flow = try path.flow(.init(bytes: 2_000_000), from: "fd77::2")
                try path.close()
                return (flow, try path.saved(otherThan: generation, "fd77::2"))
            }
            let comment = Comment(rawValue: "\(flow), saved \(record as Any)")
            let jump = UInt32(CarefulPath.savedCwnd / 2) / flow.decision.mssBytes
            #expect(flow.decision.jumpSegments == jump, comment)
            #expect(flow.firstFlightBytes <= Int(jump * flow.decision.mssBytes), comment)
            #expect(flow.firstFlightBytes >= Int(jump * flow.decision.mssBytes) * 9 / 10, comment)
            #expect(flow.triggers.last == .lastUnvalidatedPacketAcknowledged, comment)
            #expect(flow.stream.samples.last?.control == "cubic", comment)
            let saved = try #require(record)
            #expect(Double(saved.cwndBytes) >= 0.5 * CarefulPath.bandwidthDelayProduct, comment)
            #expect(Double(saved.cwndBytes) <= 1.5 * CarefulPath.bandwidthDelayProduct, comment)
            #expect(saved.isFromTCP, comment)
        }
    }
}
