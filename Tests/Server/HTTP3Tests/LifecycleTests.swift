// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import HTTP3
import Logging
import NIOCore
import NIOPosix
import Testing

@Suite(.serialized, .endsIfStuck)
struct LifecycleTests {
    @Test(arguments: ["1", "2", "3"])
    func `a stop lets a download in flight finish`(version: String) async throws {
        // So long that a stop which doesn't end with the download doesn't end at all.
        let server = try await TestServer { $0.shutdownTimeout = .seconds(86_400) }
        try server.scratch.sparseFile("file", bytes: 256 << 20)
        let client = try Curl.start(server.job("file", version: version))
        await client.firstError()
        try await server.stop()
        let reply = try #require(try await Curl.finish(client).first)
        #expect(reply.error == nil)
        #expect(reply.bytes == 256 << 20)
        let late = try #require(try await Curl.run(server.job("file", version: version)).first)
        #expect(late.error != nil)
    }

    /// The client still sends window updates when the server has nothing more to send.
    @Test(arguments: ["1", "2"])
    func `a stop lets a client take its time with what was sent`(version: String) async throws {
        let server = try await TestServer { $0.shutdownTimeout = .seconds(86_400) }
        try server.scratch.file("file", bytes: 4 << 20)
        var job = server.job("file", version: version)
        job.limit = 512 << 10
        let client = try Curl.start(job)
        await client.firstError()
        try await server.stop()
        let reply = try #require(try await Curl.finish(client).first)
        #expect(reply.error == nil)
        #expect(reply.bytes == 4 << 20)
    }

    @Test(arguments: ["1", "2", "3"])
    func `a stop waits no longer than configured`(version: String) async throws {
        let server = try await TestServer { $0.shutdownTimeout = .seconds(1) }
        try server.scratch.sparseFile("file", bytes: 1 << 30)
        var job = server.job("file", version: version)
        // Three hours: a stop that ends at all doesn't wait for the download.
        job.limit = 100_000
        let client = try Curl.start(job)
        await client.firstError()
        let start = ContinuousClock.now
        try await server.stop()
        #expect(ContinuousClock.now - start >= .seconds(1))
        kill(client.pid, SIGKILL)
        _ = await client.result()
    }

    @Test func `a server whose task is cancelled ends at once`() async throws {
        let scratch = try Scratch()
        let (certificate, key) = try await scratch.credentials()
        var configuration = ServeConfiguration(
            root: scratch.root, certificatePath: certificate, keyPath: key,
            listen: try ListenAddress("127.0.0.1:0"))
        configuration.stopSignals = []
        let server = try Server(configuration: configuration, logger: Logger(label: "test"))
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let task = Task { try await server.run { ready.yield($0) } }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        task.cancel()
        try await task.value
        let socket = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: port).get()
        try await socket.close()
    }

    @Test func `the error for a port in use names it`() async throws {
        try await withServer { server in
            let (certificate, key) = try await server.scratch.credentials("other")
            let configuration = ServeConfiguration(
                root: server.scratch.root, certificatePath: certificate, keyPath: key,
                listen: try ListenAddress(address: "127.0.0.1", port: server.port))
            let second = try Server(configuration: configuration, logger: Logger(label: "test"))
            let error = await #expect(throws: ServeError.self) { try await second.run() }
            #expect(error?.code == .bind)
            #expect(error?.errno == EADDRINUSE)
            #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
        }
    }

    @Test func `if the port is in use for TCP alone, nothing is left listening`() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let scratch = try Scratch()
        let (certificate, key) = try await scratch.credentials()
        let configuration = ServeConfiguration(
            root: scratch.root, certificatePath: certificate, keyPath: key,
            listen: try ListenAddress(address: "127.0.0.1", port: port))
        let server = try Server(configuration: configuration, logger: Logger(label: "test"))
        let error = await #expect(throws: ServeError.self) { try await server.run() }
        #expect(error?.code == .bind)
        #expect(error?.description.hasPrefix("TCP 127.0.0.1:\(port)") == true)
        let socket = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: port).get()
        try await socket.close()
        try await listener.close()
    }

    @Test func `the error for an unusable file names it`() async throws {
        let scratch = try Scratch()
        let (certificate, key) = try await scratch.credentials()
        let (_, otherKey) = try await scratch.credentials("other")
        let garbage = scratch.path + "/garbage"
        try Data("no PEM".utf8).write(to: URL(fileURLWithPath: garbage))
        let missing = scratch.path + "/missing"
        let cases: [(String, String, String, ServeError.Code, String)] = [
            (scratch.root, missing, key, .credentials, missing),
            (scratch.root, certificate, missing, .credentials, missing),
            (scratch.root, garbage, key, .credentials, garbage),
            (scratch.root, certificate, garbage, .credentials, garbage),
            (scratch.root, certificate, otherKey, .credentials, otherKey),
            (scratch.root, scratch.root, key, .credentials, scratch.root),
            (missing, certificate, key, .root, missing),
            (certificate, certificate, key, .root, certificate),
        ]
        for (root, certificate, key, code, name) in cases {
            let configuration = ServeConfiguration(root: root, certificatePath: certificate, keyPath: key)
            let error = #expect(throws: ServeError.self) {
                try Server(configuration: configuration, logger: Logger(label: "test"))
            }
            #expect(error?.code == code)
            #expect(error?.description.contains("'\(name)'") == true, "\(String(describing: error))")
            #expect(error?.description.contains("\n") == false)
        }
    }

    @Test(arguments: [
        ("127.0.0.1:8443", "127.0.0.1:8443"), ("[::1]:1", "[::1]:1"), (":443", "[::]:443"), ("[::]:0", "[::]:0"),
    ])
    func `valid addresses to listen on`(text: String, meaning: String) throws {
        #expect(try ListenAddress(text).description == meaning)
    }

    @Test(arguments: [
        "", "8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:443", "[127.0.0.1]:1",
        "localhost:1", "[::1:443", "1.2.3:4",
    ])
    func `invalid addresses to listen on`(text: String) {
        let error = #expect(throws: ServeError.self) { try ListenAddress(text) }
        #expect(error?.code == .address)
    }
}
