// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import HTTP3
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite(.serialized, .endsIfStuck)
struct BodyTests {
    @Test(arguments: ["1", "2", "3"], [0, 1, 10 << 20])
    func `bodies arrive byte for byte with libcurl`(version: String, size: Int) async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: size)
            let reply = try await server.get("file", version: version)
            #expect(reply.error == nil)
            #expect(reply.status == 200)
            #expect(reply.version == version)
            #expect(reply.bytes == size)
            #expect(reply.headers["content-length"] == "\(size)")
            #expect(try await reply.sha256 == server.scratch.sha256("file"))
        }
    }

    @Test(arguments: [0, 1, 10 << 20, 1 << 30])
    func `bodies arrive byte for byte with gtlsclient`(size: Int) async throws {
        try await withServer { server in
            if size == 1 << 30 {
                try server.scratch.sparseFile("file", bytes: size)
            } else {
                try server.scratch.file("file", bytes: size)
            }
            let received = server.scratch.path + "/received"
            try FileManager.default.createDirectory(atPath: received, withIntermediateDirectories: true)
            let run = try await Command.run(
                "gtlsclient",
                ["-q", "--exit-on-all-streams-close", "--download", received, "127.0.0.1", "\(server.port)"]
                    + ["https://localhost:\(server.port)/file"])
            #expect(run.status == 0, "\(run.errors)")
            // gtlsclient writes no file for a response without content.
            guard size > 0 else { return }
            let comparison = try await Command.run("cmp", [received + "/file", server.scratch.root + "/file"])
            #expect(comparison.status == 0, "\(comparison.output)\(comparison.errors)")
        }
    }

    @Test func `a body may be larger than what the server may hold in memory`() async throws {
        try await withServer { server in
            try server.scratch.sparseFile("sparse", bytes: 1 << 30)
            let before = residentKilobytes()
            let highest = NIOLockedValueBox(0)
            let watch = Task {
                while !Task.isCancelled {
                    let now = residentKilobytes()
                    highest.withLockedValue { $0 = max($0, now) }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let reply = try await server.get("sparse")
            watch.cancel()
            #expect(reply.error == nil)
            #expect(reply.bytes == 1 << 30)
            #expect(reply.sha256 == "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14")
            #expect(highest.withLockedValue { $0 } - before < 64 * 1024, "grew from \(before) kB")
        }
    }

    @Test func `many connections with many streams at once`() async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: 200_000)
            let digest = try await server.scratch.sha256("file")
            var job = server.job("file")
            job.connections = 20
            job.streams = 10
            let replies = try await Curl.run(job)
            #expect(replies.count == 200)
            for reply in replies {
                #expect(reply.error == nil)
                #expect(reply.sha256 == digest)
            }
            let connections = Set(server.samples.withLockedValue { $0.map(\.connection) })
            #expect(connections.count == 20)
        }
    }

    @Test func `a download survives a NAT that forgets its mapping`() async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: 10 << 20)
            let reply = try await server.get("file") {
                $0.rebind_after = 100
                $0.limit = 10 << 20
            }
            #expect(reply.error == nil)
            #expect(try await reply.sha256 == server.scratch.sha256("file"))
            let addresses = Set(server.samples.withLockedValue { $0.compactMap(\.remoteAddress.port) })
            #expect(addresses.count == 2)
        }
    }

    @Test(arguments: [["--change-local-addr=20ms"], ["--key-update=20ms"], ["--max-data=20K"]])
    func `a download survives what QUIC allows`(options: [String]) async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: 1 << 20)
            let received = server.scratch.path + "/received"
            try FileManager.default.createDirectory(atPath: received, withIntermediateDirectories: true)
            let run = try await Command.run(
                "gtlsclient",
                options + ["-q", "--exit-on-all-streams-close", "--download", received, "127.0.0.1", "\(server.port)"]
                    + ["https://localhost:\(server.port)/file"])
            #expect(run.status == 0, "\(run.errors)")
            let comparison = try await Command.run("cmp", [received + "/file", server.scratch.root + "/file"])
            #expect(comparison.status == 0, "\(comparison.output)\(comparison.errors)")
        }
    }
}

/// This process's resident memory.
func residentKilobytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
}
