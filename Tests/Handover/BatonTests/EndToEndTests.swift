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
            struct Figures: Decodable {
                struct Run: Decodable {
                    var cwndSegments: UInt64
                    var httpVersions: [String]
                }
                var runs: [Run]
            }
            var schema: Int
            var quic: QUIC
            var tcp: TCP
            struct Phase: Decodable {
                var newPhase: String
            }
            var phases: [Phase]
            var withHandover: Figures
            var withoutHandover: Figures
            var bound: Figures
        }

        @Test(
            "the demo hands over exactly what QUIC had, and leaves nothing behind",
            arguments: [["--policy", "exact"], ["--policy", "careful", "--ipv6"]])
        func demo(options: [String]) throws {
            let arguments = [
                Machine.product("baton-lab"), "demo", "--json", "--rtt", "60ms", "--rate", "40Mbit", "--body", "3MB",
                "--attempts", "20",
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
            // Not how fast, which other load may decide, but with which windows.
            let windows = [demo.withHandover, demo.withoutHandover, demo.bound].map { $0.runs.map(\.cwndSegments) }
            #expect(windows == [[demo.tcp.cwndSegments], [10], [400]])
            for run in demo.withHandover.runs + demo.withoutHandover.runs + demo.bound.runs {
                #expect(run.httpVersions == ["3", "2"])
            }

            // Of this demo; others may run on this machine.
            let names = ["/run", "/run/netns", Machine.cgroupRoot].flatMap { directory in
                ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).map { "\(directory)/\($0)" }
            }
            let own = "/baton-\(output.processID)"
            #expect(names.filter { $0.hasSuffix(own) || $0.contains(own + "-") } == [])
        }
    }
}
