// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

extension KernelTests {
    /// What `baton watch` and `baton status` show of Careful Resume.
    @Suite struct Watching {
        static var careful: Settings {
            var settings = Settings()
            settings.policy = .careful
            return settings
        }

        /// Resumes a connection, and sends enough over it that all of the jump is used and acknowledged.
        private func resume(_ attached: Attached) throws -> TCPProbe.Info {
            try attached.probe.listen()
            try attached.save(cwnd: 400_000, ssthresh: 300_000, rtt: 0)
            let server = try attached.probe.connect().server
            _ = try attached.probe.transfer(bytes: 4_000_000, from: "connection.server", to: "connection.client")
            return server
        }

        @Test("phases and their triggers, as JSON")
        func json() async throws {
            try await Attached.with(Self.careful) { attached in
                try await WatchProcess.with(attached, "--json") { watch in
                    let server = try resume(attached)
                    try await waitUntil("the normal phase") {
                        try watch.lines().contains { $0.contains("\"new_phase\":\"normal\"") }
                    }
                    let all = try watch.objects()
                    let decision = try #require(all.first { $0["event"] as? String == "decision" })
                    #expect(decision["outcome"] as? String == "resumed")
                    #expect(decision["jump_segments"] as? UInt64 == 200_000 / server.mss)
                    #expect(decision["jump"] as? String == Settings().jump.name)
                    let phases = all.filter { $0["event"] as? String == "phase" }
                    #expect(all.count == phases.count + 1)
                    #expect(phases.first?["old_phase"] is NSNull)
                    #expect(phases.first?["new_phase"] as? String == "reconnaissance")
                    #expect(phases.first?["trigger"] as? String == "resumed")
                    #expect(phases.first?["saved_cwnd_bytes"] as? Int == 400_000)
                    // Each phase ends where the next begins.
                    let old = phases.dropFirst().map { $0["old_phase"] as? String }
                    #expect(old == phases.dropLast().map { $0["new_phase"] as? String })
                    #expect(phases.count > 1)
                    for phase in phases {
                        #expect(phase["schema"] as? Int == 2)
                        #expect(phase["socket_cookie"] as? UInt64 == decision["socket_cookie"] as? UInt64)
                        #expect(phase["remote_address"] as? String == "10.77.0.2")
                        #expect(phase["mss_bytes"] as? UInt64 == server.mss)
                    }
                    try compare(phases, try attached.bed.baton("status", "--json").json())
                }
            }
        }

        /// The counters match the events.
        private func compare(_ phases: [[String: Any]], _ status: Any) throws {
            let triggers = try #require((status as? [String: Any])?["triggers"] as? [String: Int])
            #expect(triggers.count == Trigger.allCases.count)
            let seen = Dictionary(grouping: phases) { $0["trigger"] as? String ?? "" }.mapValues(\.count)
            #expect(triggers.filter { $0.value > 0 } == seen)
        }

        @Test("phases for people: one line each, in the words of ss -ti")
        func text() async throws {
            try await Attached.with(Self.careful) { attached in
                try await WatchProcess.with(attached) { watch in
                    let mss = try resume(attached).mss
                    try await waitUntil("the normal phase") { try watch.lines().contains { $0.contains("→normal (") } }
                    let lines = try watch.lines()
                    let time = #/^\d\d:\d\d:\d\d\.\d\d\d /#
                    for line in lines { #expect(line.firstMatch(of: time) != nil, "\(line)") }
                    let resumed = try #require(lines.first { $0.contains(" resumed      10.77.0.2:") })
                    #expect(resumed.contains(" jump:\(200_000 / mss) \(Settings().jump.name) "))
                    #expect(resumed.contains(" pacing_rate "))
                    let first = try #require(lines.first { $0.contains(" phase        10.77.0.2:") })
                    #expect(first.contains(" reconnaissance (resumed) cwnd:"))
                    for word in ["ssthresh:inf", "pipesize:0", "unacked:0", "mss:\(mss)", "rtt:", "minrtt:"] {
                        #expect(first.contains(" \(word)"), "\(first)")
                    }
                    let status = try attached.bed.baton("status").standardOutput
                    #expect(status.contains("trigger resumed"))
                    #expect(!status.contains("trigger detached"))
                }
            }
        }

        @Test("a jump after the first round is reported as one, and isn't paced yet")
        func afterFirstRound() async throws {
            var settings = Self.careful
            settings.jump = .afterFirstRound
            settings.maxJumpBytes = 100_000
            try await Attached.with(settings) { attached in
                try await WatchProcess.with(attached, "--json") { watch in
                    let server = try resume(attached)
                    try await waitUntil("the decision") { try !watch.lines().isEmpty }
                    let decision = try #require(try watch.objects().first { $0["event"] as? String == "decision" })
                    #expect(decision["jump"] as? String == "after-first-round")
                    #expect(decision["jump_segments"] as? UInt64 == 100_000 / server.mss)
                    #expect(decision["pacing_rate_bytes_per_s"] is NSNull)
                    #expect(decision["cwnd_segments"] as? Int == 10)
                }
            }
        }

        @Test("a reader without events waits as long as it says, and comes back")
        func idle() async throws {
            try await Attached.with(Self.careful) { attached in
                var reader = try attached.handover.watch()
                let start = ContinuousClock.now
                // Often, so that the timeout ends at each step of the wait.
                for _ in 0..<1000 { #expect(try reader.readAll(timeoutMilliseconds: 1).isEmpty) }
                #expect(ContinuousClock.now - start >= .seconds(1))
            }
        }

        @Test("under the policy exact there are decisions only, and no jump")
        func exact() async throws {
            var settings = Settings()
            settings.policy = .exact
            try await Attached.with(settings) { attached in
                try await WatchProcess.with(attached, "--json") { watch in
                    _ = try resume(attached)
                    try await waitUntil("the decision") { try !watch.lines().isEmpty }
                    let events = try watch.objects()
                    #expect(events.map { $0["event"] as? String } == ["decision"])
                    #expect(events.first?["jump_segments"] is NSNull)
                    #expect(events.first?["jump"] is NSNull)
                }
                #expect(try !attached.bed.baton("status").standardOutput.contains("trigger"))
            }
        }
    }
}
