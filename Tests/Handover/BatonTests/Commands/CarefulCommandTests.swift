// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

/// Why a kernel refuses the policy `careful`, from the logs that kernels write.
@Suite struct CarefulSupportUnits {
    private func refusal(_ log: String) throws -> BPFError {
        var error = BPFError(
            .verifier, "loading the program 'carefulInit' of 'baton'", call: "BPF_PROG_LOAD", errno: 13)
        let verifier = try #require(VerifierError(program: "carefulInit", log: log))
        error.verifier = verifier
        error.reason = verifier.description
        error.log = log
        return error
    }

    @Test(
        "a feature that a probe finds missing is named with its kernel; program, file and line stay", arguments: 0..<3)
    func missing(index: Int) throws {
        let feature = CarefulSupport.features[index]
        let log = "; Resume.swift @ Resume.swift:12\n12: (85) call x\nunknown func x\nprocessed 13 insns"
        let refused = try refusal(log)
        let error = CarefulSupport.explain(refused) { $0.name == feature.name }
        #expect(error.code == .unsupported)
        #expect(error.description.contains("no \(feature.summary) (Linux \(feature.minimumKernel))"))
        #expect(error.description.contains("'carefulInit'"))
        #expect(error.description.contains("Resume.swift:12: unknown func x"))
        #expect(error.description.contains("--policy exact"))
        #expect(error.log == log)
        #expect(error.errno == 13)
    }

    @Test("a refusal by a kernel that lacks no feature stays a verifier error; a missing permission stays one too")
    func others() throws {
        let refused = try refusal("R1 invalid mem access 'scalar'\nprocessed 9 insns")
        let error = CarefulSupport.explain(refused) { _ in false }
        #expect(error.code == .verifier)
        #expect(error.description == refused.description)
        #expect(!error.description.contains("--policy exact"))
        for errno in [Int32(1), 12] {
            let other = BPFError("loading", errno: errno)
            #expect(CarefulSupport.explain(other) { _ in true }.code == other.code)
        }
    }
}

extension KernelTests {
    /// The command line of the policy `careful`.
    @Suite struct CarefulCommands {
        private func object(_ output: Machine.Output) throws -> [String: Any] {
            #expect(output.status == 0, "\(output.standardError)")
            return try #require(try output.json() as? [String: Any])
        }

        /// Closes the map again: 'detach' waits until all maps are closed.
        private func kernelConfiguration(_ bed: TestBed) throws -> KernelConfiguration {
            try ArrayMap<KernelConfiguration>(pinnedAt: bed.pinDirectory + "/maps/configuration").value(at: 0)
        }

        @Test("each setting arrives in the kernel, and 'status' shows it")
        func settings() async throws {
            try await TestBed.with { bed in
                _ = try object(
                    try bed.baton(
                        "attach", "--cgroup", bed.cgroup, "--policy", "careful", "--jump", "after-first-round",
                        "--max-jump", "1MB", "--beta", "80", "--rtt-bounds", "60..500", "--min-window", "100kB",
                        "--json"))
                var status = try object(try bed.baton("status", "--json"))
                #expect(status["policy"] as? String == "careful")
                #expect(status["lowest_rtt_percent"] as? Int == 60)
                #expect(status["highest_rtt_percent"] as? Int == 500)
                var careful = try #require(status["careful"] as? [String: Any])
                #expect(careful["jump"] as? String == "after-first-round")
                #expect(careful["max_jump_bytes"] as? Int == 1_000_000)
                #expect(careful["beta_percent"] as? Int == 80)
                #expect(careful["min_window_bytes"] as? Int == 100_000)
                var text = try bed.baton("status").standardOutput
                for row in ["after-first-round, 1MB", "80 %", "60..500 %", "100kB", "0 for networks"] {
                    #expect(text.contains(row), "\(text)")
                }
                let configuration = try kernelConfiguration(bed)
                #expect(configuration.jump == Jump.afterFirstRound.rawValue)
                #expect(configuration.maxJumpBytes == 1_000_000)
                #expect(configuration.betaPercent == 80)
                #expect(configuration.lowestRTTPercent == 60)
                #expect(configuration.highestRTTPercent == 500)
                #expect(configuration.minimumWindowBytes == 100_000)

                _ = try object(try bed.baton("attach", "--cgroup", bed.cgroup, "--policy", "careful", "--json"))
                status = try object(try bed.baton("status", "--json"))
                careful = try #require(status["careful"] as? [String: Any])
                #expect(careful["beta_percent"] is NSNull)
                #expect(careful["min_window_bytes"] is NSNull)
                text = try bed.baton("status").standardOutput
                #expect(text.contains("70 % for cubic, 50 % for others"))
                #expect(text.contains("four initial windows"))

                _ = try object(try bed.baton("attach", "--cgroup", bed.cgroup, "--policy", "exact", "--json"))
                status = try object(try bed.baton("status", "--json"))
                #expect(status["careful"] is NSNull)
                #expect(try !bed.baton("status").standardOutput.contains("beta"))
                _ = try bed.baton("detach")
            }
        }

        @Test("the RTT bounds apply under the policy exact too")
        func boundsUnderExact() async throws {
            var settings = Settings()
            settings.policy = .exact
            settings.rttPercent = 1...2
            // No handshake is faster than the emulated path: 40 ms, of which 1…2 % are 0.4…0.8 ms, 1…100,000 % up to 40 s.
            try await Attached.with(settings, on: CarefulPath.plan(CarefulPath.link(delay: 10))) { attached in
                try attached.probe.listen()
                try attached.save(cwnd: 400_000, rtt: 40_000)
                #expect(try attached.probe.connect().server.cwnd == 10)
                #expect(try attached.count(.rttMismatch) == 1)
                settings.rttPercent = 1...100_000
                try Handover.attach(
                    to: try Cgroup(path: attached.bed.cgroup), settings: settings,
                    pinDirectory: attached.bed.pinDirectory)
                #expect(try attached.probe.connect("wide").server.cwnd > 10)
            }
        }

        @Test("'get' and 'list' show when a TCP connection found the values")
        func source() async throws {
            try await Attached.with { attached in
                let now = KernelClock.nowNanoseconds
                let found = SavedParameters(
                    cwndBytes: 400_000, ssthreshBytes: SavedParameters.neverLost, savedAtNanoseconds: now,
                    lastHeardAtNanoseconds: now, lifetimeNanoseconds: 0, generation: now, srttMicroseconds: 0,
                    minRTTMicroseconds: 0, flags: SavedParameters.failedFlag | SavedParameters.tcpFlag)
                try attached.handover.save(found, for: try attached.endpoint("10.77.0.2"))
                try attached.save("10.77.0.3", cwnd: 400_000)
                let bed = attached.bed
                #expect(try object(try bed.baton("get", "10.77.0.2", "--json"))["source"] as? String == "tcp")
                #expect(try object(try bed.baton("get", "10.77.0.3", "--json"))["source"] as? String == "quic")
                let rows = try bed.baton("list").standardOutput.split(separator: "\n").map {
                    $0.split(separator: " ").last
                }
                #expect(rows == ["SOURCE", "QUIC", "TCP"])
            }
        }

        @Test("'check' reports whether the kernel supports the policy careful")
        func check() async throws {
            try await TestBed.with { bed in
                let report = try object(try bed.baton("check", "--json"))
                let items = try #require(report["items"] as? [[String: Any]])
                let item = try #require(items.first { $0["name"] as? String == "careful" })
                #expect(item["required"] as? Bool == false)
                #expect(item["available"] as? Bool == true)
                #expect(item["minimum_kernel"] as? String == "6.0")
                #expect(try bed.baton("check").standardOutput.contains("careful          yes "))
            }
        }
    }
}
