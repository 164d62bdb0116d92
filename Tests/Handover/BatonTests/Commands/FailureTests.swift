// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonCommandLine
import Foundation
import TestSupport
import Testing

/// Errors of the command line report what happened.
@Suite struct FailureTests {
    private struct Unforeseen: Error {}

    @Test("an unexpected error isn't reported as wrong usage")
    func unforeseen() {
        let failure = CommandFailure(Unforeseen(), usage: nil)
        #expect(failure.kind == .unexpected)
        #expect(failure.kind.status == 1)
        #expect(CommandFailure(Unforeseen(), usage: "Error: no such option").kind.status == 64)
    }

    @Test("a refusal's program, call, errno and whole log are in the JSON")
    func refusal() throws {
        let log = "; Resume.swift @ Resume.swift:7\nR1 invalid mem access 'scalar'\nprocessed 9 insns"
        var error = BPFError(.verifier, "loading the program 'resume'", call: "BPF_PROG_LOAD", errno: 13, log: log)
        let verifier = try #require(VerifierError(program: "resume", log: log))
        error.verifier = verifier
        error.reason = verifier.description
        let body = try JSONSerialization.jsonObject(with: CommandFailure(error, usage: nil).encoded())
        let detail = try #require((body as? [String: Any])?["error"] as? [String: Any])
        #expect(detail["kind"] as? String == "verifier")
        #expect(detail["status"] as? Int == 69)
        #expect(detail["call"] as? String == "BPF_PROG_LOAD")
        #expect(detail["errno"] as? Int == 13)
        #expect(detail["log"] as? String == log)
        #expect((detail["message"] as? String)?.contains("'resume'") == true)
        #expect((detail["message"] as? String)?.contains("Resume.swift:7") == true)
    }

    @Test("JSON that can't be written is an error")
    func unwritable() throws {
        let output = try Machine.run(
            ["/bin/sh", "-c", "\"$1\" put 1.2.3 --cwnd 5 --json > /dev/full", "sh", Machine.product("baton")])
        #expect(output.status == 64)
        #expect(output.standardError.contains("No space left on device"))
    }
}

extension KernelTests {
    /// What the kernel or the machine refuses is named.
    @Suite struct Refusals {
        @Test("JSON that can't be written is an error, even if the command worked")
        func unwritable() async throws {
            try await Attached.with { attached in
                let output = try Machine.run([
                    "/bin/sh", "-c", "\"$1\" list --json --pin-directory \"$2\" > /dev/full", "sh",
                    Machine.product("baton"), attached.bed.pinDirectory,
                ])
                #expect(output.status == 1)
                #expect(output.standardError.contains("No space left on device"))
            }
        }

        @Test(
            "a program that was attached without 'multi' is named",
            arguments: ["own cgroup", "a parent, not overridable"])
        func notMulti(place: String) async throws {
            try await TestBed.with { bed in
                let isOwn = place == "own cgroup"
                let target = isOwn ? bed.cgroup : bed.cgroup + "/child"
                if !isOwn {
                    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
                }
                defer { if !isOwn { rmdir(target) } }
                let pin = (bed.pinDirectory as NSString).deletingLastPathComponent + "/obstacle"
                try Handover.attach(to: try Cgroup(path: bed.otherCgroup), pinDirectory: bed.pinDirectory)
                try Machine.demand("bpftool", "prog", "pin", "pinned", bed.pinDirectory + "/programs/resume", pin)
                try Handover.detach(pinDirectory: bed.pinDirectory)
                defer { unlink(pin) }
                try Machine.demand("bpftool", "cgroup", "attach", bed.cgroup, "sock_ops", "pinned", pin)
                defer { _ = try? Machine.run(["bpftool", "cgroup", "detach", bed.cgroup, "sock_ops", "pinned", pin]) }
                let output = try bed.baton("attach", "--cgroup", target, "--json")
                #expect(output.status == 78)
                let detail = try #require((try output.json() as? [String: Any])?["error"] as? [String: Any])
                let message = try #require(detail["message"] as? String)
                #expect(message.contains("'resume'"))
                #expect(message.contains(bed.cgroup + " "))
                #expect(message.contains("without 'multi'"))
                #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
            }
        }

        @Test("a bpffs that the user may not write to is named with its mode, by 'check' and 'attach'")
        func closedBPFFS() async throws {
            try await TestBed.with { bed in
                let mount = (bed.pinDirectory as NSString).deletingLastPathComponent
                try Machine.demand("chmod", "700", mount)
                func run(_ arguments: String...) throws -> Machine.Output {
                    let capabilities = "+bpf,+net_admin,+perfmon"
                    return try Machine.run(
                        [
                            "setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=\(capabilities)",
                            "--ambient-caps=\(capabilities)", Machine.product("baton"),
                        ] + arguments + ["--pin-directory", bed.pinDirectory])
                }
                var output = try run("check")
                #expect(output.status == 77)
                #expect(output.standardOutput.contains("\(mount) (mode 700, owner 0)"), "\(output.standardOutput)")
                output = try run("attach", "--cgroup", bed.cgroup)
                #expect(output.status == 77)
                #expect(output.standardError.contains("\(mount) (mode 700, owner 0)"), "\(output.standardError)")
                try Machine.demand("chmod", "777", mount)
                output = try run("check")
                #expect(output.status == 0, "\(output.standardOutput) \(output.standardError)")
            }
        }
    }
}
