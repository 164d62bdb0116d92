// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import TestSupport
import Testing

extension KernelTests {
    /// The policy `exact`: a connection starts with exactly what was saved.
    @Suite struct Exact {
        @Test(
            "window and threshold are the saved ones, rounded up to segments",
            arguments: ["cubic", "reno"], [TCPProbe.Side.passive, .active])
        func windowAndThreshold(control: String, side: TCPProbe.Side) async throws {
            try await Attached.with { attached in
                for (server, client) in [("10.77.0.1", "10.77.0.2"), ("fd77::1", "fd77::2")] {
                    let peer = side == .passive ? client : server
                    try attached.save(peer, cwnd: 400_000, ssthresh: 300_001)
                    try attached.probe.listen(server, on: server, control: control, side: side)
                    let ends = try attached.probe.connect(
                        client, from: client, to: server, control: control, side: side)
                    let resumed = side == .passive ? ends.server : ends.client
                    let other = side == .passive ? ends.client : ends.server
                    #expect(resumed.cwnd == segments(400_000, mss: resumed.mss))
                    #expect(resumed.ssthresh == segments(300_001, mss: resumed.mss))
                    #expect(resumed.control == control)
                    #expect(other.cwnd == 10)
                    #expect(other.ssthresh == TCPProbe.Info.infiniteSSThresh)
                }
                #expect(try attached.count(.resumed) == 2)
            }
        }

        @Test(
            "BBR keeps its control, gets the window, and has no threshold", arguments: [TCPProbe.Side.passive, .active])
        func bbr(side: TCPProbe.Side) async throws {
            try await Attached.with { attached in
                let peer = side == .passive ? "10.77.0.2" : "10.77.0.1"
                try attached.save(peer, cwnd: 400_000, ssthresh: 300_000)
                try attached.probe.listen(control: "bbr", side: side)
                let ends = try attached.probe.connect(control: "bbr", side: side)
                let resumed = side == .passive ? ends.server : ends.client
                #expect(resumed.cwnd == segments(400_000, mss: resumed.mss))
                #expect(resumed.ssthresh == TCPProbe.Info.infiniteSSThresh)
                #expect(resumed.control == "bbr")
            }
        }

        @Test("the record of a connection that never lost a packet doesn't change TCP's threshold")
        func neverLost() async throws {
            try await Attached.with { attached in
                try attached.save(cwnd: 400_000)
                try attached.probe.listen()
                let server = try attached.probe.connect().server
                #expect(server.cwnd == segments(400_000, mss: server.mss))
                #expect(server.ssthresh == TCPProbe.Info.infiniteSSThresh)
            }
        }

        @Test("an IPv4 client of an IPv6 listener is the same peer")
        func mapped() async throws {
            try await Attached.with { attached in
                try attached.save("10.77.0.2", cwnd: 400_000)
                try attached.probe.listen(on: "::")
                // The listener's own name is `::`; the client comes over IPv4.
                try attached.probe.listen("four", on: "::ffff:10.77.0.1")
                let server = try attached.probe.connect(from: "::ffff:10.77.0.2", to: "four").server
                #expect(server.cwnd == segments(400_000, mss: server.mss))
            }
        }

        @Test("no clamp: the window grows past the threshold", arguments: ["cubic", "reno"])
        func noClamp(control: String) async throws {
            try await Attached.with { attached in
                try attached.save(cwnd: 30_000, ssthresh: 35_000)
                try attached.probe.listen(control: control)
                let server = try attached.probe.connect(control: control).server
                #expect(server.cwnd == segments(30_000, mss: server.mss))
                #expect(server.ssthresh == segments(35_000, mss: server.mss))
                let transfer = try attached.probe.transfer(
                    bytes: 30_000_000, from: "connection.server", to: "connection.client")
                #expect(transfer.largestCwnd > server.ssthresh)
            }
        }

        @Test("the first round trip is paced, the later ones are not")
        func pacing() async throws {
            try await Attached.with { attached in
                // After a handshake of microseconds the rate would be more than the option can hold, so compare with
                // that limit.
                try attached.save(cwnd: 400_000)
                try attached.probe.listen()
                let server = try attached.probe.connect().server
                let rate = try #require(server.maxPacingRate)
                #expect(rate > 0)
                let transfer = try attached.probe.transfer(
                    bytes: 2_000_000, from: "connection.server", to: "connection.client")
                #expect(transfer.sender.maxPacingRate == nil)
            }
        }

        @Test(
            "a saved window below the kernel's own is used; the configured maximum never goes below it"
        )
        func bounds() async throws {
            var settings = Settings.exact
            settings.maxWindowBytes = 100_000
            try await Attached.with(settings) { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 5000)
                var server = try attached.probe.connect("small").server
                #expect(server.cwnd == segments(5000, mss: server.mss))
                // No jump, nothing to pace.
                #expect(server.maxPacingRate == nil)
                try attached.save(cwnd: 400_000)
                server = try attached.probe.connect("large").server
                #expect(server.cwnd == 100_000 / server.mss)
            }
            settings.maxWindowBytes = 1000
            try await Attached.with(settings) { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000)
                #expect(try attached.probe.connect().server.cwnd == 10)
            }
        }

        @Test("ten handovers in a row each use their own values")
        func tenInARow() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                for index in 1...10 {
                    let (cwnd, ssthresh) = (UInt64(index) * 50_000, UInt64(index) * 40_000 + 1)
                    try attached.save(cwnd: cwnd, ssthresh: ssthresh)
                    let server = try attached.probe.connect("\(index)").server
                    #expect(server.cwnd == segments(cwnd, mss: server.mss))
                    #expect(server.ssthresh == segments(ssthresh, mss: server.mss))
                }
            }
        }

        @Test("a thousand connections without a record start as TCP does")
        func withoutRecord() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save("10.77.0.3", cwnd: 400_000)
                #expect(try attached.probe.churn(count: 1000) == ["10": 1000])
                #expect(try attached.count(.noRecord) == 1000)
            }
        }

        @Test("the records of two clients never mix")
        func twoClients() async throws {
            try await Attached.with { attached in
                try attached.probe.listen()
                try attached.save("10.77.0.2", cwnd: 200_000, ssthresh: 100_000)
                try attached.save("10.77.0.3", cwnd: 700_000, ssthresh: 600_000)
                let second = try attached.probe.connect("b", from: "10.77.0.3").server
                let first = try attached.probe.connect("a", from: "10.77.0.2").server
                #expect([first.cwnd, first.ssthresh] == [200_000, 100_000].map { segments($0, mss: first.mss) })
                #expect([second.cwnd, second.ssthresh] == [700_000, 600_000].map { segments($0, mss: second.mss) })
            }
        }
    }
}
