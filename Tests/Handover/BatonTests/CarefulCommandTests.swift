// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

/// Why a kernel doesn't take the policy `careful`, in the words that kernels have for it.
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
        "what is missing, and since when kernels have it",
        arguments: [
            ("12: (85) call bpf_setsockopt#49\nunknown func bpf_setsockopt#49\nprocessed 13 insns", "5.15"),
            ("4: (85) call pc+1\nBPF_CALL uses reserved fields\nprocessed 5 insns", "5.13"),
        ])
    func missing(log: String, version: String) throws {
        let error = CarefulSupport.explain(try refusal(log))
        #expect(error.code == .unsupported)
        #expect(error.description.contains("(Linux \(version))"))
        #expect(error.description.contains("--policy exact"))
        #expect(error.log == log)
    }

    @Test("a field that this kernel doesn't let a congestion control write is named", .kernel, .kernelTestsNeedRoot)
    func field() throws {
        let btf = try BTF.kernel()
        let fields = [("sock", "sk_pacing_rate", "6.0"), ("tcp_sock", "snd_ssthresh", "5.6")]
        for (structure, field, version) in fields {
            let offset = try #require(btf.offset(of: field, in: structure))
            let error = CarefulSupport.explain(
                try refusal("no write support to tcp_sock at off \(offset)\nprocessed 9 insns"))
            #expect(error.description.contains("can't write \(field) (Linux \(version))"))
        }
        let error = CarefulSupport.explain(try refusal("no write support to tcp_sock at off 1\nprocessed 9 insns"))
        #expect(error.description.contains("byte 1 of tcp_sock"))
    }

    @Test("other refusals keep the verifier's words, a missing right stays one")
    func others() throws {
        let error = CarefulSupport.explain(try refusal("R1 invalid mem access 'scalar'\nprocessed 9 insns"))
        #expect(error.code == .unsupported)
        #expect(error.description.contains("R1 invalid mem access 'scalar'"))
        #expect(error.description.contains("--policy exact"))
        let missing = BPFError(
            .notFound, "loading", errno: 3, reason: "extern (func ksym) 'x': not found in kernel or module BTFs")
        #expect(CarefulSupport.explain(missing).code == .unsupported)
        #expect(CarefulSupport.explain(BPFError("loading", errno: 1)).code == .permission)
        #expect(CarefulSupport.explain(BPFError("loading", errno: 12)).remedy == nil)
    }
}

extension KernelTests {
    /// The command line of the policy `careful`.
    @Suite struct CarefulCommands {
        private func object(_ output: Machine.Output) throws -> [String: Any] {
            #expect(output.status == 0, "\(output.standardError)")
            return try #require(try output.json() as? [String: Any])
        }

        /// The map is closed again: 'detach' waits for those that are open.
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
                #expect(configuration.jump == KernelConfiguration.jumpAfterFirstRound)
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

        @Test("the RTT bounds hold for the policy exact too")
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

        @Test("'get' and 'list' say when a TCP connection found the values")
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

        @Test("'check' says whether the policy careful can be had")
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
