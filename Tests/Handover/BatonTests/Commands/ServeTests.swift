// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import Glibc
import TestSupport
import Testing

extension KernelTests {
    /// `baton serve` and the handover.
    @Suite struct Serve {
        /// A running `baton serve` on loopback.
        private final class Server {
            let process = Process()
            let port: Int
            let ready: [String: Any]
            let files: (certificate: String, key: String)
            private let errors: URL
            private let directory: URL

            init(_ bed: TestBed, _ options: [String], cgroup: Bool = true) throws {
                directory = FileManager.default.temporaryDirectory.appending(path: "serve-\(UUID().uuidString)")
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                files = try Server.credentials(in: directory)
                try "hello\n".write(to: directory.appending(path: "index.html"), atomically: false, encoding: .utf8)
                errors = directory.appending(path: "errors")
                _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
                let output = Pipe()
                process.executableURL = URL(fileURLWithPath: "/bin/sh")
                process.arguments =
                    [
                        "-c", "[ -z \"$1\" ] || echo $$ > \"$1/cgroup.procs\"; shift; exec \"$@\"", "sh",
                        cgroup ? bed.cgroup : "", Machine.product("baton"), "serve", "--root", directory.path,
                        "--certificate", files.certificate, "--key", files.key, "--listen", "127.0.0.1:0", "--json",
                    ] + options
                process.standardOutput = output
                process.standardError = try FileHandle(forWritingTo: errors)
                try process.run()
                let line = output.fileHandleForReading.availableData
                ready = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
                port = try #require(ready["port"] as? Int)
            }

            static func credentials(in directory: URL) throws -> (certificate: String, key: String) {
                let (certificate, key) = (directory.path + "/cert.pem", directory.path + "/key.pem")
                try Machine.demand(
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost")
                return (certificate, key)
            }

            var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

            func answers() throws -> Bool {
                try Machine.demand("curl", "-sk", "https://127.0.0.1:\(port)/") == "hello\n"
            }

            func end(_ signal: Int32 = SIGTERM) -> Int32 {
                kill(process.processIdentifier, signal)
                process.waitUntilExit()
                return process.terminationStatus
            }

            deinit {
                if process.isRunning { _ = end(SIGKILL) }
                try? FileManager.default.removeItem(at: directory)
            }
        }

        @Test("attaches to its own cgroup, and detaches at SIGTERM")
        func ownHandover() async throws {
            try await TestBed.with { bed in
                let server = try Server(bed, ["--pin-directory", bed.pinDirectory])
                #expect(server.ready["handover"] as? Bool == true)
                #expect(try Handover(pinDirectory: bed.pinDirectory).status().cgroup == bed.cgroup)
                #expect(try server.answers())
                #expect(server.end() == 0)
                #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
            }
        }

        @Test("uses an attached handover that covers its cgroup, and leaves it attached")
        func othersHandover() async throws {
            try await Attached.with { attached in
                let server = try Server(attached.bed, ["--pin-directory", attached.bed.pinDirectory])
                #expect(server.ready["handover"] as? Bool == true)
                #expect(server.end() == 0)
                #expect(try attached.handover.status().cgroup == attached.bed.cgroup)
            }
        }

        @Test(
            "doesn't replace a handover of another cgroup or with other settings: status 78, and it stays attached"
        )
        func conflicts() async throws {
            var settings = Settings.exact
            settings.gate = .never
            try await Attached.with(settings) { attached in
                let bed = attached.bed
                let server = try Server(bed, ["--no-handover"])
                let files = server.files
                func serve(in cgroup: String, _ options: String...) throws -> Machine.Output {
                    try Machine.run(
                        [
                            "/bin/sh", "-c", "echo $$ > \"$1/cgroup.procs\"; shift; exec \"$@\"", "sh", cgroup,
                            Machine.product("baton"), "serve", "--root", "/tmp", "--certificate", files.certificate,
                            "--key", files.key, "--pin-directory", bed.pinDirectory,
                        ] + options)
                }
                var output = try serve(in: bed.otherCgroup, "--listen", "127.0.0.1:0")
                #expect(output.status == 78)
                #expect(output.standardError.contains(bed.cgroup))
                output = try serve(in: bed.cgroup, "--listen", "127.0.0.1:0", "--gate", "always")
                #expect(output.status == 78)
                // A port that is taken, with the handover of somebody else in use.
                output = try serve(in: bed.cgroup, "--listen", "127.0.0.1:\(server.port)")
                #expect(output.status == 78)
                let status = try attached.handover.status()
                #expect(status.cgroup == bed.cgroup)
                #expect(status.settings.gate == .never)
                #expect(attached.handover.isCurrent)
            }
        }

        @Test("continues when its handover is detached by somebody else, and uses the next one")
        func detachedUnderneath() async throws {
            try await Attached.with { attached in
                let server = try Server(attached.bed, ["--pin-directory", attached.bed.pinDirectory])
                try Handover.detach(pinDirectory: attached.bed.pinDirectory)
                try await waitUntil("the server says 'was detached'") { server.log.contains("was detached") }
                try Handover.attach(
                    to: try Cgroup(path: attached.bed.cgroup), settings: .exact, pinDirectory: attached.bed.pinDirectory
                )
                try await waitUntil("the server says 'attached again'") { server.log.contains("attached again") }
                #expect(try server.answers())
                #expect(server.end() == 0)
                #expect(try Handover(pinDirectory: attached.bed.pinDirectory).status().cgroup == attached.bed.cgroup)
            }
        }

        @Test("killed with -9: the handover stays; the next server or attach takes it over, and detach removes it")
        func killed() async throws {
            try await TestBed.with { bed in
                let options = ["--pin-directory", bed.pinDirectory]
                let first = try Server(bed, options)
                _ = first.end(SIGKILL)
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                try probe.listen()
                #expect(try probe.connect().server.cwnd == 10)
                let second = try Server(bed, options)
                #expect(second.ready["handover"] as? Bool == true)
                #expect(try second.answers())
                // It took over what the first one left, and detaches it.
                #expect(try Handover(pinDirectory: bed.pinDirectory).status().owner == second.process.processIdentifier)
                #expect(second.end() == 0)
                #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                let third = try Server(bed, options)
                _ = third.end(SIGKILL)
                #expect(
                    try Handover.attach(
                        to: try Cgroup(path: bed.cgroup), settings: .exact, pinDirectory: bed.pinDirectory) == .replaced
                )
                #expect(try Handover.detach(pinDirectory: bed.pinDirectory))
                #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
            }
        }

        @Test("without BPF it reports that, and serves")
        func withoutBPF() async throws {
            try await TestBed.with { bed in
                let server = try Server(bed, ["--pin-directory", "/tmp/\(bed.name)-no-bpffs"])
                #expect(server.ready["handover"] as? Bool == false)
                #expect(try server.answers())
                #expect(server.log.contains("serving without handover"))
                let error = try #require(server.ready["handover_error"] as? [String: Any])
                #expect(error["status"] as? Int == 69)
                #expect((error["message"] as? String)?.contains("is not on a bpffs") == true)
                #expect(server.log.contains("mount -t bpf bpf"))
                #expect(server.end() == 0)
            }
        }

        @Test("bad files, a taken port and an unknown cgroup: status 78, one line, nothing attached")
        func badInput() async throws {
            try await TestBed.with { bed in
                let running = try Server(bed, ["--no-handover"])
                let directory = FileManager.default.temporaryDirectory.appending(path: bed.name)
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(at: directory) }
                let (certificate, key) = try Server.credentials(in: directory)
                func expect(
                    _ named: String, root: String = "/tmp", certificate: String, key: String, port: Int = 0,
                    _ options: String...
                ) throws {
                    let output = try Machine.run(
                        [
                            Machine.product("baton"), "serve", "--root", root, "--certificate", certificate, "--key",
                            key,
                            "--listen", "127.0.0.1:\(port)", "--pin-directory", bed.pinDirectory,
                        ] + options)
                    #expect(output.status == 78, "\(output.standardError)")
                    let said = output.standardError.split(separator: "\n").filter { $0.hasPrefix("baton-serve: ") }
                    #expect(said.count == 1)
                    #expect(said.first?.contains(named) == true, "\(output.standardError)")
                    #expect(!FileManager.default.fileExists(atPath: bed.pinDirectory))
                }
                try expect("/nowhere", root: "/nowhere", certificate: certificate, key: key)
                try expect("/nowhere.pem", certificate: "/nowhere.pem", key: key)
                try expect("/nowhere.key", certificate: certificate, key: "/nowhere.key")
                try expect(certificate, certificate: certificate, key: certificate)
                try expect(
                    "\(running.port)", certificate: certificate, key: key, port: running.port, "--cgroup", bed.cgroup)
                try expect("/no/cgroup", certificate: certificate, key: key, "--cgroup", "/no/cgroup")
                #expect(try running.answers())
            }
        }
    }
}
