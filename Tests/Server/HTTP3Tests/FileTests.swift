// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import Testing

@Suite(.serialized, .endsIfStuck)
struct FileTests {
    private func withFiles(_ body: (TestServer) async throws -> Void) async throws {
        try await withServer { server in
            try Data("0123456789".utf8).write(to: URL(fileURLWithPath: server.scratch.root + "/ten.txt"))
            try Data("<p>".utf8).write(to: URL(fileURLWithPath: server.scratch.root + "/sub/index.html"))
            try server.scratch.file("empty", bytes: 0)
            try FileManager.default.createSymbolicLink(
                atPath: server.scratch.root + "/out", withDestinationPath: "/etc/passwd")
            try FileManager.default.createSymbolicLink(
                atPath: server.scratch.root + "/in", withDestinationPath: "ten.txt")
            try await body(server)
        }
    }

    @Test(arguments: ["1", "2", "3"])
    func `ranges`(version: String) async throws {
        try await withFiles { server in
            let cases: [(String, Int, Int, String?)] = [
                ("bytes=0-3", 206, 4, "bytes 0-3/10"),
                ("bytes=4-", 206, 6, "bytes 4-9/10"),
                ("bytes=-3", 206, 3, "bytes 7-9/10"),
                ("bytes=8-100", 206, 2, "bytes 8-9/10"),
                ("bytes=-100", 206, 10, "bytes 0-9/10"),
                ("bytes=10-", 416, 26, "bytes */10"),
                ("bytes=0-1,4-5", 200, 10, nil),
                ("bytes=5-2", 200, 10, nil),
                ("lines=0-3", 200, 10, nil),
                ("bytes=99999999999999999999-", 416, 26, "bytes */10"),
            ]
            for (range, status, bytes, contentRange) in cases {
                let reply = try await server.get("ten.txt", version: version) { $0.headers = ["Range: \(range)"] }
                #expect(reply.error == nil, "\(range)")
                #expect(reply.status == status, "\(range)")
                #expect(reply.bytes == bytes, "\(range)")
                #expect(reply.headers["content-range"] == contentRange, "\(range)")
                #expect(reply.headers["content-length"] == "\(bytes)", "\(range)")
            }
            let none = try await server.get("empty", version: version) { $0.headers = ["Range: bytes=0-"] }
            #expect(none.status == 416)
        }
    }

    @Test(arguments: ["1", "2", "3"])
    func `conditions`(version: String) async throws {
        try await withFiles { server in
            let first = try await server.get("ten.txt", version: version)
            let tag = try #require(first.headers["etag"])
            let date = try #require(first.headers["last-modified"])
            #expect(first.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(first.headers["accept-ranges"] == "bytes")
            for (header, status) in [
                ("If-None-Match: \(tag)", 304), ("If-None-Match: \"x\", W/\(tag)", 304), ("If-None-Match: *", 304),
                ("If-None-Match: \"x\"", 200), ("If-Modified-Since: \(date)", 304),
                ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 200), ("If-Match: \"x\"", 412),
                ("If-Match: \(tag)", 200),
            ] {
                let reply = try await server.get("ten.txt", version: version) { $0.headers = [header] }
                #expect(reply.error == nil, "\(header)")
                #expect(reply.status == status, "\(header)")
                if status == 304 {
                    #expect(reply.bytes == 0)
                    #expect(reply.headers["etag"] == tag)
                }
            }
            let fresh = try await server.get("ten.txt", version: version) {
                $0.headers = ["Range: bytes=0-1", "If-Range: \(tag)"]
            }
            #expect(fresh.status == 206)
            let stale = try await server.get("ten.txt", version: version) {
                $0.headers = ["Range: bytes=0-1", "If-Range: \"x\""]
            }
            #expect(stale.status == 200)
        }
    }

    @Test(arguments: ["1", "2", "3"])
    func `methods and paths`(version: String) async throws {
        try await withFiles { server in
            let head = try await server.get("ten.txt", version: version) { $0.method = "HEAD" }
            #expect(head.error == nil)
            #expect(head.status == 200)
            #expect(head.bytes == 0)
            #expect(head.headers["content-length"] == "10")
            let empty = try await server.get("empty", version: version) { $0.method = "HEAD" }
            #expect(empty.headers["content-length"] == "0")
            let deletion = try await server.get("ten.txt", version: version) { $0.method = "DELETE" }
            #expect(deletion.status == 405)
            #expect(deletion.headers["allow"] == "GET, HEAD")
            for (path, status) in [
                ("nothing", 404), ("sub", 301), ("sub/", 200), ("in", 200), ("out", 404), ("../../etc/passwd", 400),
                ("%2e%2e/x", 400), ("%00", 400), ("%zz", 400), ("ten.txt/", 404), ("", 404), ("ten%2Etxt?x=1", 200),
            ] {
                let reply = try await server.get(path, version: version)
                #expect(reply.error == nil, "\(path)")
                #expect(reply.status == status, "\(path)")
            }
            let redirect = try await server.get("sub?a=b", version: version)
            #expect(redirect.headers["location"] == "/sub/?a=b")
        }
    }

    @Test func `only TCP announces HTTP/3`() async throws {
        try await withFiles { server in
            for version in ["1", "2"] {
                let reply = try await server.get("ten.txt", version: version)
                #expect(reply.headers["alt-svc"] == "h3=\":\(server.port)\"; ma=86400")
            }
            let reply = try await server.get("ten.txt")
            #expect(reply.headers["alt-svc"] == nil)
            #expect(reply.headers["date"] != nil)
        }
    }
}
