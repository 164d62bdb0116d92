// SPDX-License-Identifier: Apache-2.0

import BPF
import CwndEBPF
import TestSupport
import Testing

extension KernelTests {
    /// cwndebpf as a treatment of the lab: that it does what its document says, with its defects.
    @Suite struct TheCwndEBPF {
        private func with(_ body: (CwndEBPF, TCPProbe) throws -> Void) async throws {
            try await TestBed.with { bed in
                let system = try CwndEBPF(cgroup: bed.cgroup)
                let probe = try TCPProbe(bed)
                defer {
                    probe.end()
                    system.detach()
                }
                try body(system, probe)
            }
        }

        @Test("the first connection gets 1,460,000 bytes as 1000 segments, each later one a single segment")
        func dividesAgain() async throws {
            try await with { system, probe in
                try probe.listen()
                try system.save(cwndBytes: 1_460_000, ssthreshBytes: 1_000_000)
                #expect(try system.values() == .init(cwnd: 1_460_000, ssthresh: 1_000_000, fallback: 1))

                let first = try probe.connect("first").server
                #expect(first.cwnd == 1000)
                #expect(first.ssthresh == 685)
                #expect(try system.values() == .init(cwnd: 1000, ssthresh: 685, fallback: 1))

                for name in ["second", "third"] {
                    let server = try probe.connect(name).server
                    #expect(server.cwnd == 1)
                    #expect(server.ssthresh == 1)
                }
                #expect(try system.values() == .init(cwnd: 1, ssthresh: 1, fallback: 1))
            }
        }

        @Test("the window never grows beyond the threshold")
        func clamp() async throws {
            try await with { system, probe in
                try probe.listen()
                try system.save(cwndBytes: 14_600, ssthreshBytes: 29_200)
                #expect(try probe.connect("clamped").server.cwnd == 10)
                let transfer = try probe.transfer(
                    bytes: 4_000_000, from: "clamped.server", to: "clamped.client")
                #expect(transfer.largestCwnd <= 20)
            }
        }

        @Test("without a threshold it sets the window alone")
        func withoutThreshold() async throws {
            try await with { system, probe in
                try probe.listen()
                try system.save(cwndBytes: 1_460_000, ssthreshBytes: nil)
                let server = try probe.connect().server
                #expect(server.cwnd == 1000)
                #expect(server.ssthresh == TCPProbe.Info.infiniteSSThresh)
            }
        }

        @Test("before anything is saved, and once detached, TCP is as it always was")
        func stock() async throws {
            try await with { system, probe in
                try probe.listen()
                #expect(try probe.connect("before").server.cwnd == 10)
                #expect(try system.values() == .init(cwnd: 0, ssthresh: nil, fallback: nil))
                system.detach()
                try system.save(cwndBytes: 1_460_000, ssthreshBytes: nil)
                #expect(try probe.connect("after").server.cwnd == 10)
            }
        }

        @Test("another client, and a connection that the server opens itself, take the value too")
        func anybody() async throws {
            try await with { system, probe in
                try probe.listen()
                try probe.listen("outside", side: .active)
                try system.save(cwndBytes: 1_460_000, ssthreshBytes: nil)
                #expect(try probe.connect("stranger", from: "10.77.0.3").server.cwnd == 1000)
                try system.save(cwndBytes: 1_460_000, ssthreshBytes: nil)
                #expect(try probe.connect("outbound", to: "outside", side: .active).client.cwnd == 1000)
            }
        }

        @Test("a cgroup that isn't there is named")
        func noSuchCgroup() throws {
            let error = #expect(throws: BPFError.self) { try CwndEBPF(cgroup: "/no/such/cgroup") }
            #expect(error?.description.contains("/no/such/cgroup") == true)
        }
    }
}
