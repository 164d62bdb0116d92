// SPDX-License-Identifier: Apache-2.0

import HTTP3
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@Suite(.serialized, .endsIfStuck)
struct UploadTests {
    /// Serves only HTTP/3.
    private func withHTTP3(
        _ respond: @escaping @Sendable (Request, HTTP3RequestSource) async throws -> Response,
        client body: (Job, HTTP3Server) async throws -> Void,
        change: (inout HTTP3Configuration) -> Void = { _ in }
    ) async throws {
        let scratch = try Scratch()
        let (certificate, key) = try await scratch.credentials()
        var configuration = HTTP3Configuration(
            address: try SocketAddress(ipAddress: "127.0.0.1", port: 0),
            credentials: try TLSCredentials(certificatePath: certificate, keyPath: key))
        change(&configuration)
        let server = try HTTP3Server(
            configuration: configuration, responder: CallbackResponder(callback: respond),
            logger: Logger(label: "test")
        ) { $0 }
        let port = try #require(server.localAddress.port)
        let task = Task { try await server.run() }
        defer { task.cancel() }
        try await body(Job(url: "https://127.0.0.1:\(port)/", version: "3", ca: certificate), server)
        task.cancel()
        try await task.value
    }

    @Test func `an upload arrives completely, however slowly the responder reads`() async throws {
        try await withHTTP3 { request, _ in
            var count = 0
            var chunks = 0
            for try await chunk in request.body {
                count += chunk.readableBytes
                chunks += 1
                if chunks % 16 == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "\(count)")))
        } client: { job, _ in
            var job = job
            job.method = "POST"
            job.upload_bytes = 50 << 20
            let before = residentKilobytes()
            let reply = try #require(try await Curl.run(job).first)
            #expect(reply.error == nil)
            #expect(reply.status == 200)
            #expect(reply.bytes == "\(50 << 20)".count)
            #expect(residentKilobytes() - before < 64 * 1024)
        }
    }

    @Test func `an upload that nobody reads is refused, and the connection stays usable`() async throws {
        try await withHTTP3 { _, _ in
            Response(status: .contentTooLarge)
        } client: { job, _ in
            var job = job
            job.method = "POST"
            job.upload_bytes = 50 << 20
            job.streams = 8
            for reply in try await Curl.run(job) {
                #expect(reply.error == nil)
                #expect(reply.status == 413)
            }
        }
    }

    @Test func `a body goes in and out at the same time`() async throws {
        try await withHTTP3 { request, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for try await chunk in request.body { try await writer.write(chunk) }
                    try await writer.finish(nil)
                })
        } client: { job, _ in
            var job = job
            job.method = "POST"
            job.upload_bytes = 20 << 20
            job.streams = 4
            for reply in try await Curl.run(job) {
                #expect(reply.error == nil)
                #expect(reply.bytes == 20 << 20)
            }
        }
    }

    @Test func `if a responder fails, the client gets status 500 or a cancelled response`() async throws {
        struct Failure: Error {}
        try await withHTTP3 { request, _ in
            if request.uri.path == "/early" { throw Failure() }
            return Response(
                status: .ok,
                body: ResponseBody(contentLength: 100) { writer in
                    try await writer.write(ByteBuffer(string: "some"))
                    throw Failure()
                })
        } client: { job, _ in
            var early = job
            early.url += "early"
            #expect(try await Curl.run(early).first?.status == 500)
            let late = try #require(try await Curl.run(job).first)
            #expect(late.error != nil)
            #expect(late.bytes <= 4)
        }
    }

    @Test func `a head that is too large is refused`() async throws {
        try await withHTTP3 { _, _ in
            Response(status: .ok)
        } client: { job, _ in
            var job = job
            job.headers = ["X: \(String(repeating: "x", count: 3000))"]
            let reply = try #require(try await Curl.run(job).first)
            #expect(reply.status == 431)
        } change: {
            $0.maximumHeadBytes = 2000
        }
    }

    @Test func `clients prove their address by a Retry`() async throws {
        try await withHTTP3 { _, _ in
            Response(status: .ok)
        } client: { job, server in
            let reply = try #require(try await Curl.run(job).first)
            #expect(reply.error == nil)
            #expect(reply.status == 200)
            let port = try #require(server.localAddress.port)
            let run = try await Command.run(
                "gtlsclient", ["--exit-on-all-streams-close", "127.0.0.1", "\(port)", "https://localhost/"])
            #expect(run.status == 0)
            #expect(run.errors.lowercased().contains("retry"))
        } change: {
            $0.retryAboveHandshakes = 0
        }
    }
}
