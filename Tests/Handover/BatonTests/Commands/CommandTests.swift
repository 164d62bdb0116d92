// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// How the command line answers bad input: one line that names the value and what to do, and a documented status.
@Suite struct CommandLineTests {
    @Test(arguments: [
        (["put", "1.2.3", "--cwnd", "5"], "'1.2.3'"), (["put", "1.2.3.4", "--cwnd", "-5"], "'-5'"),
        (["put", "1.2.3.4", "--cwnd", "99999999999999999999"], "'99999999999999999999'"),
        (["put", "1.2.3.4"], "--cwnd"), (["put", "1.2.3.4", "--cwnd", "5", "--rtt", "-1"], "'-1'"),
        (["put", "1.2.3.4", "--cwnd", "5", "--ssthresh", "0"], "'0'"),
        (["attach", "--capacity", "0"], "'0'"), (["attach", "--capacity", "4294967296"], "'4294967296'"),
        (["attach", "--max-window", "2GiB"], "'2GiB'"), (["attach", "--lifetime", "forever"], "'forever'"),
        (["attach", "--policy", "reckless"], "'reckless'"), (["attach", "--gate", "open"], "'open'"),
        (["attach", "--jump", "later"], "'later'"), (["attach", "--max-jump", "0"], "'0'"),
        (["attach", "--beta", "5"], "'5'"), (["attach", "--beta", "91"], "'91'"), (["attach", "--beta", "-5"], "'-5'"),
        (["attach", "--rtt-bounds", "100"], "'100'"), (["attach", "--rtt-bounds", "200..50"], "'200..50'"),
        (["attach", "--rtt-bounds", "50..50"], "'50..50'"), (["attach", "--rtt-bounds", "0..50"], "'0..50'"),
        (["attach", "--rtt-bounds", "50..100001"], "'50..100001'"), (["attach", "--min-window", "2GiB"], "'2GiB'"),
        (["prefix", "put", "1.2.3.4/33", "--exclude"], "'1.2.3.4/33'"), (["prefix", "put", "1.2.3.0/24"], "--exclude"),
        (["prefix", "put", "1.2.3.0/24", "--exclude", "--max-window", "1MB"], "--max-window"),
        (["prefix", "put", "1.2.3.0/24", "--max-window", "0"], "'0'"), (["prefix", "forget", "net"], "'net'"),
        (["forget"], "--all"), (["forget", "1.2.3.4", "--all"], "--all"), (["nonsense"], "'nonsense'"),
        (["serve", "--root", "/", "--certificate", "x", "--key", "y", "--listen", "1.2.3.4:99999"], "'1.2.3.4:99999'"),
    ])
    func usage(arguments: [String], named: String) throws {
        let output = try Machine.run([Machine.product("baton")] + arguments)
        #expect(output.status == 64)
        #expect(output.standardOutput.isEmpty)
        #expect(output.standardError.contains(named))
        #expect(output.standardError.split(separator: "\n").count == 1)
    }

    @Test(
        "an option of the policy careful with another policy: both are named",
        arguments: [["--jump", "at-once"], ["--max-jump", "1MB"], ["--beta", "70"], ["--min-window", "64KiB"]])
    func foreignOption(option: [String]) throws {
        for command in [["attach"], ["serve", "--root", "/", "--certificate", "x", "--key", "y"]] {
            let output = try Machine.run([Machine.product("baton")] + command + ["--policy", "exact"] + option)
            #expect(output.status == 64)
            #expect(output.standardError.contains(option[0]))
            #expect(output.standardError.contains("--policy exact"))
            #expect(output.standardError.contains("--policy careful"))
            #expect(output.standardError.split(separator: "\n").count == 1)
        }
    }

    @Test func usageAsJSON() throws {
        let output = try Machine.run([Machine.product("baton"), "put", "1.2.3", "--cwnd", "5", "--json"])
        #expect(output.status == 64)
        let body = try #require(try output.json() as? [String: Any])
        #expect(body["schema"] as? Int == 2)
        let error = try #require(body["error"] as? [String: Any])
        #expect(error["status"] as? Int == 64)
        #expect((error["message"] as? String)?.contains("1.2.3") == true)
    }

    @Test func help() throws {
        let output = try Machine.run([Machine.product("baton"), "--help"])
        #expect(output.status == 0)
        for command in [
            "check", "attach", "detach", "status", "put", "get", "list", "forget", "prefix", "watch", "serve",
        ] {
            #expect(output.standardOutput.contains(command))
        }
    }

    @Test("the help shows choices and their defaults by name", arguments: ["attach", "serve"])
    func choices(command: String) throws {
        let help = try Machine.run([Machine.product("baton"), command, "--help"]).standardOutput
        for text in [
            "Default: careful.", "Default: quiet.", "default: at-once.", "exact  ", "never  ", "after-first-round",
        ] {
            #expect(help.contains(text), "\(help)")
        }
        #expect(!help.contains("(default: 0)") && !help.contains("(default: 2)"), "\(help)")
    }
}

extension KernelTests {
    /// The commands on a real kernel.
    @Suite struct Commands {
        private func object(_ output: Machine.Output) throws -> [String: Any] {
            try #require(try output.json() as? [String: Any])
        }

        private func listed(_ bed: TestBed) throws -> [String] {
            let list = try #require(try bed.baton("list", "--json").json() as? [[String: Any]])
            return list.compactMap { $0["address"] as? String }
        }

        @Test func everyCommand() async throws {
            try await TestBed.with { bed in
                var answer = try object(try bed.baton("status", "--json"))
                #expect(answer["attached"] as? Bool == false)
                #expect(try bed.baton("check").status == 0)

                answer = try object(try bed.baton("attach", "--cgroup", bed.cgroup, "--lifetime", "5m", "--json"))
                #expect(answer["result"] as? String == "attached")
                answer = try object(try bed.baton("attach", "--cgroup", bed.cgroup, "--lifetime", "5m", "--json"))
                #expect(answer["result"] as? String == "replaced")

                #expect(try bed.baton("list", "--json").standardOutput == "[]\n")
                #expect(try bed.baton("put", "2001:db8::1", "--cwnd", "1MiB", "--rtt", "20").status == 0)
                answer = try object(
                    try bed.baton("put", "192.0.2.7", "--cwnd", "400000", "--ssthresh", "300kB", "--failed", "--json"))
                #expect(answer["ssthresh_bytes"] as? Int == 300_000)

                answer = try object(try bed.baton("get", "2001:db8::1", "--json"))
                #expect(answer["cwnd_bytes"] as? Int == 1_048_576)
                #expect(answer["ssthresh_bytes"] is NSNull)
                #expect(answer["srtt_us"] as? Int == 20_000)
                #expect(answer["failed"] as? Bool == false)
                #expect(answer["source"] as? String == "quic")
                let addresses = try listed(bed)
                #expect(addresses == ["192.0.2.7", "2001:db8::1"])

                answer = try object(try bed.baton("status", "--json"))
                #expect(answer["attached"] as? Bool == true)
                #expect(answer["records"] as? Int == 2)
                #expect(answer["lifetime_ns"] as? Int == 300_000_000_000)
                #expect(answer["cgroup"] as? String == bed.cgroup)
                #expect((answer["outcomes"] as? [String: Int])?["resumed"] == 0)

                #expect(try bed.baton("forget", "192.0.2.7").status == 0)
                #expect(try bed.baton("forget", "192.0.2.7").status == 1)
                #expect(try bed.baton("get", "192.0.2.7").status == 1)
                answer = try object(try bed.baton("forget", "--all", "--json"))
                #expect(answer["forgotten"] as? Int == 1)

                answer = try object(try bed.baton("detach", "--json"))
                #expect(answer["result"] as? String == "detached")
                answer = try object(try bed.baton("detach", "--json"))
                #expect(answer["result"] as? String == "not_attached")
            }
        }

        @Test("bad paths: one line, a documented status, and nothing changes")
        func badPlaces() async throws {
            try await TestBed.with { bed in
                func expect(_ status: Int32, _ named: String, _ arguments: String...) throws {
                    let output = try Machine.run([Machine.product("baton")] + arguments)
                    #expect(output.status == status, "\(arguments)")
                    #expect(output.standardError.contains(named), "\(output.standardError)")
                    #expect(output.standardError.split(separator: "\n").count == 1)
                    #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                }
                let pins = bed.pinDirectory
                try expect(78, "/nowhere", "attach", "--cgroup", "/nowhere", "--pin-directory", pins)
                try expect(78, "is not a cgroup", "attach", "--cgroup", "/tmp", "--pin-directory", pins)
                try expect(
                    69, "mount -t bpf -o mode=700 bpf", "attach", "--cgroup", bed.cgroup, "--pin-directory", "/tmp/x")
                try expect(78, "baton attach", "put", "1.2.3.4", "--cwnd", "5", "--pin-directory", pins)
                try expect(78, "baton attach", "list", "--pin-directory", pins)
                try expect(78, "baton attach", "watch", "--pin-directory", pins)
                if let v1 = Self.cgroupOfVersion1 {
                    try expect(78, "version 1", "attach", "--cgroup", v1, "--pin-directory", pins)
                }
            }
        }

        private static let cgroupOfVersion1: String? = {
            let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
            for line in mounts.split(separator: "\n") {
                let fields = line.split(separator: " ")
                if fields.count > 2, fields[2] == "cgroup" { return String(fields[1]) }
            }
            return nil
        }()

        @Test(
            "without root: status 77, and what is missing", arguments: ["attach", "list", "detach", "check", "status"])
        func withoutRoot(command: String) async throws {
            try await TestBed.with { bed in
                // A copy that another user can reach and run.
                let copy = FileManager.default.temporaryDirectory.appending(path: "baton-\(UUID().uuidString)").path
                try FileManager.default.copyItem(atPath: Machine.product("baton"), toPath: copy)
                defer { try? FileManager.default.removeItem(atPath: copy) }
                chmod(copy, 0o755)
                let output = try Machine.run([
                    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", copy, command,
                    "--pin-directory", bed.pinDirectory,
                ])
                #expect(output.status == 77)
                #expect((output.standardError + output.standardOutput).contains("CAP_BPF"))
            }
        }

        @Test func watchShowsDecisions() async throws {
            try await Attached.with { attached in
                let (server, events) = try await WatchProcess.with(attached, "--json") { watch in
                    try attached.probe.listen()
                    try attached.save(cwnd: 400_000, ssthresh: 300_000)
                    let server = try attached.probe.connect().server
                    _ = try attached.probe.connect("second")
                    try await waitUntil("both decisions") { try watch.lines().count >= 2 }
                    watch.end(by: SIGTERM)
                    return (server, try watch.objects())
                }
                let seen = events.compactMap { $0["outcome"] as? String }
                #expect(seen == ["resumed", "in_use"])
                #expect(events.first?["cwnd_segments"] as? UInt64 == server.cwnd)
                #expect(events.first?["ssthresh_segments"] as? UInt64 == server.ssthresh)
                #expect(events.first?["remote_address"] as? String == "10.77.0.2")
                let outcomes = try object(try attached.bed.baton("status", "--json"))["outcomes"] as? [String: Int]
                #expect(outcomes?["resumed"] == 1)
                #expect(outcomes?["in_use"] == 1)
            }
        }
    }
}
