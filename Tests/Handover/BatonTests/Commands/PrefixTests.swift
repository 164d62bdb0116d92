// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

@Suite struct NetworkPrefixUnits {
    @Test(
        "bits beyond the prefix length are cleared, and the length is always shown",
        arguments: [
            ("192.0.2.0/24", "192.0.2.0/24"), ("192.0.2.77/24", "192.0.2.0/24"), ("192.0.2.77", "192.0.2.77/32"),
            ("255.255.255.255/1", "128.0.0.0/1"), ("10.0.0.1/0", "0.0.0.0/0"), ("10.1.2.3/31", "10.1.2.2/31"),
            ("2001:db8::1", "2001:db8::1/128"), ("2001:db8:ffff:ffff::/33", "2001:db8:8000::/33"),
            ("2001:db8::ff/127", "2001:db8::fe/127"), ("2001:db8::/32", "2001:db8::/32"), ("ffff::1/0", "::/0"),
            ("2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64"), ("2001:db8:1:2:3:4:5:6/97", "2001:db8:1:2:3:4::/97"),
            ("::ffff:192.0.2.77/120", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.77/32"),
        ])
    func text(text: String, canonical: String) throws {
        let network = try #require(NetworkPrefix(text))
        #expect(network.description == canonical)
        #expect(NetworkPrefix(canonical) == network)
    }

    @Test(arguments: [
        "", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2/24", "2001:db8::/129", "host/8",
        "192.0.2.0/24/8", "192.0.2.0/x", " 192.0.2.0/24", "192.0.2.0/4294967297",
    ])
    func refused(text: String) { #expect(NetworkPrefix(text) == nil) }

    @Test("one network in both forms is one key")
    func oneKey() {
        #expect(NetworkPrefix("::ffff:10.0.0.0/104") == NetworkPrefix("10.0.0.0/8"))
        #expect(NetworkPrefix("10.0.0.0/8") != NetworkPrefix("10.0.0.0/9"))
        #expect(
            NetworkPrefix(Prefix(IPv6Address(mapping: IPv4Address(10, 1, 2, 3)), bitCount: 200)).description
                == "10.1.2.3/32")
    }
}

extension KernelTests {
    /// Rules for networks: `baton prefix`, and how the kernel applies them.
    @Suite struct Prefixes {
        @Test func commands() async throws {
            try await Attached.with { attached in
                let bed = attached.bed
                func object(_ output: Machine.Output) throws -> [String: Any] {
                    #expect(output.status == 0, "\(output.standardError)")
                    return try #require(try output.json() as? [String: Any])
                }
                #expect(try bed.baton("prefix", "list", "--json").standardOutput == "[]\n")
                #expect(try bed.baton("prefix", "list").standardError == "there are no rules\n")
                var answer = try object(bed.baton("prefix", "put", "192.0.2.77/24", "--exclude", "--json"))
                #expect(answer["schema"] as? Int == 2)
                #expect(answer["prefix"] as? String == "192.0.2.0/24")
                #expect(answer["excluded"] as? Bool == true)
                #expect(answer["max_window_bytes"] is NSNull)
                answer = try object(
                    try bed.baton("prefix", "put", "2001:db8::/32", "--max-window", "64KiB", "--json"))
                #expect(answer["max_window_bytes"] as? Int == 65_536)
                #expect(answer["excluded"] as? Bool == false)
                #expect(
                    try bed.baton("prefix", "put", "10.0.0.0/8", "--max-window", "1MB").standardOutput
                        == "10.0.0.0/8: max window 1MB\n")

                let list = try #require(try bed.baton("prefix", "list", "--json").json() as? [[String: Any]])
                #expect(list.map { $0["prefix"] as? String } == ["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"])
                let text = try bed.baton("prefix", "list").standardOutput
                #expect(text.contains("192.0.2.0/24   excluded\n"))
                #expect(try object(bed.baton("status", "--json"))["rules"] as? Int == 3)
                #expect(try bed.baton("status").standardOutput.contains("3 for networks"))

                answer = try object(bed.baton("prefix", "forget", "192.0.2.0/24", "--json"))
                #expect(answer["forgotten"] as? Int == 1)
                let again = try bed.baton("prefix", "forget", "192.0.2.0/24")
                #expect(again.status == 1)
                #expect(again.standardError.contains("no rule for 192.0.2.0/24"))
                // Only the rule of exactly that network.
                #expect(try bed.baton("prefix", "forget", "10.0.0.0/9").status == 1)
                #expect(try attached.handover.rules().count == 2)
            }
        }

        private func outcome(_ attached: Attached, _ name: String, from client: String) throws -> Decision {
            try attached.decide(name, from: client, to: client.contains(":") ? "six" : "four").decision
        }

        @Test(
            "the longest prefix applies, ::/0 includes IPv4 networks, and rules outlive a replacing attach",
            arguments: Policy.allCases)
        func decisions(policy: Policy) async throws {
            var settings = Settings()
            settings.policy = policy
            try await Attached.with(settings) { attached in
                func rule(_ network: String, _ bytes: UInt64) throws {
                    try attached.handover.setRule(
                        PrefixRule(maxWindowBytes: bytes), for: try #require(NetworkPrefix(network)))
                }
                try attached.probe.listen("four")
                try attached.probe.listen("six", on: "fd77::1")
                for client in ["10.77.0.2", "10.77.0.3", "10.77.0.4", "fd77::2"] {
                    try attached.save(client, cwnd: 400_000)
                }
                try rule("10.77.0.0/24", 100_000)
                try rule("10.77.0.2/32", 0)
                try rule("::/0", 0)
                #expect(try outcome(attached, "a", from: "10.77.0.2").outcome == Outcome.excluded.rawValue)
                #expect(try outcome(attached, "b", from: "fd77::2").outcome == Outcome.excluded.rawValue)
                let limited = try outcome(attached, "c", from: "10.77.0.3")
                #expect(limited.outcome == Outcome.resumed.rawValue)
                let window = UInt64(policy == .careful ? limited.jumpSegments : limited.cwndSegments)
                #expect(window == 100_000 / UInt64(limited.mssBytes))

                settings.gate = .always
                try Handover.attach(
                    to: try Cgroup(path: attached.bed.cgroup), settings: settings,
                    pinDirectory: attached.bed.pinDirectory)
                #expect(try attached.handover.rules().count == 3)
                #expect(try outcome(attached, "d", from: "10.77.0.2").outcome == Outcome.excluded.rawValue)
                let network = try #require(NetworkPrefix("10.77.0.2/32"))
                #expect(try attached.handover.removeRule(for: network))
                #expect(try !attached.handover.removeRule(for: network))
                #expect(try outcome(attached, "e", from: "10.77.0.2").outcome == Outcome.resumed.rawValue)
                #expect(try outcome(attached, "f", from: "10.77.0.4").outcome == Outcome.resumed.rawValue)
            }
        }

        @Test("there is room for 1024 rules, and the error for one more names its network")
        func capacity() async throws {
            try await Attached.with { attached in
                for number in 0..<1024 {
                    let network = try #require(NetworkPrefix("10.\(number / 256).\(number % 256).0/24"))
                    try attached.handover.setRule(PrefixRule(maxWindowBytes: 0), for: network)
                }
                let output = try attached.bed.baton("prefix", "put", "192.0.2.0/24", "--exclude")
                #expect(output.status == 1)
                #expect(output.standardError.contains("192.0.2.0/24"), "\(output.standardError)")
                #expect(output.standardError.contains("1024"), "\(output.standardError)")
                #expect(try attached.bed.baton("prefix", "put", "10.0.0.0/24", "--max-window", "1MB").status == 0)
            }
        }
    }
}
