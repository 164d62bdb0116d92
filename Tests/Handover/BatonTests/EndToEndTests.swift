// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension KernelTests {
    /// End to end: a real client downloads over HTTP/3, UDP is dropped, the client falls back by itself, and the kernel
    /// starts its TCP connection from what QUIC knew.
    @Suite(.tags(.exactPath)) struct EndToEnd {
        private struct Demo: Decodable {
            struct QUIC: Decodable {
                var cwndBytes: UInt64
                var ssthreshBytes: UInt64?
                var srttUs: UInt64
                var minRttUs: UInt64
            }
            struct TCP: Decodable {
                var cwndSegments: UInt64
                var expectedCwndSegments: UInt64
                var ssthreshSegments: UInt64?
                var expectedSsthreshSegments: UInt64?
                var mssBytes: UInt64
                var congestionControl: String
            }
            struct Times: Decodable {
                var ms100Kb: Double
                var ms1Mb: Double
                var msBody: Double
                var retransmits: Double
            }
            var schema: Int
            var quic: QUIC
            var tcp: TCP
            struct Phase: Decodable {
                var newPhase: String
            }
            var phases: [Phase]
            var withHandover: Times
            var withoutHandover: Times
            var bound: Times
        }

        @Test(
            "the demo hands over exactly what QUIC had, and leaves nothing behind",
            arguments: [["--policy", "exact"], ["--policy", "careful", "--ipv6"]])
        func demo(options: [String]) throws {
            let arguments = [
                Machine.product("baton-lab"), "demo", "--json", "--rtt", "60ms", "--rate", "40Mbit", "--body", "3MB",
                "--idle-timeout", "2s", "--attempts", "10",
            ]
            let output = try Machine.run(arguments + options)
            try #require(output.status == 0, "\(output.standardError)")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let demo = try decoder.decode(Demo.self, from: Data(output.standardOutput.utf8))

            #expect(demo.quic.cwndBytes >= 48_000)
            #expect(demo.quic.minRttUs >= 60_000)
            if options.contains("exact") {
                #expect(demo.tcp.cwndSegments == segments(demo.quic.cwndBytes, mss: demo.tcp.mssBytes))
                #expect(
                    demo.tcp.ssthreshSegments == demo.quic.ssthreshBytes.map { segments($0, mss: demo.tcp.mssBytes) })
                #expect(demo.phases.isEmpty)
            } else {
                #expect(demo.tcp.cwndSegments == demo.quic.cwndBytes / 2 / demo.tcp.mssBytes)
                #expect(demo.tcp.ssthreshSegments == nil)
                #expect(demo.phases.map(\.newPhase) == ["reconnaissance", "unvalidated", "validating", "normal"])
            }
            #expect(demo.tcp.cwndSegments == demo.tcp.expectedCwndSegments)
            #expect(demo.tcp.ssthreshSegments == demo.tcp.expectedSsthreshSegments)
            #expect(demo.tcp.cwndSegments > 10)
            #expect(demo.tcp.congestionControl == "cubic")
            // Not how fast, but which is faster: stock TCP needs several round trips more for a megabyte.
            // On an emulated CPU encryption takes longer than the round trips.
            if !Machine.isEmulated { #expect(demo.withHandover.ms1Mb < demo.withoutHandover.ms1Mb) }

            // Another demo may run on this machine; what is left belongs to one that has ended.
            let left = try Machine.demand("ip", "netns", "list").split(separator: "\n").filter { name in
                let parts = name.split(separator: "-")
                return parts.count > 1 && parts[0] == "baton" && access("/proc/\(parts[1])", F_OK) != 0
            }
            #expect(left.isEmpty)
        }
    }
}
