// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import HTTP3
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct SampleTests {
    /// Starts a download that lasts, and waits until there are some samples of its connection.
    private func download(from server: TestServer) async throws -> Command {
        try server.scratch.sparseFile("file", bytes: 1 << 30)
        let client = try Curl.start(server.job("file"))
        let hasBegun = await eventually { server.samples.withLockedValue { $0.count >= 5 } }
        try #require(hasBegun)
        return client
    }

    private func isSilent(_ sample: TransportSample) -> Bool {
        if case .silent = sample.state { true } else { false }
    }

    @Test func `when a client vanishes, the values stay as they were`() async throws {
        try await withServer(change: { $0.idleTimeout = .seconds(3) }) { server in
            let client = try await download(from: server)
            kill(client.pid, SIGKILL)
            _ = await client.result()
            let isOver = await eventually {
                server.samples.withLockedValue { $0.contains { $0.state == .closed(.idleTimeout) } }
            }
            try #require(isOver)
            let samples = server.samples.withLockedValue { $0 }
            let live = try #require(samples.last { $0.state == .live })
            let silent = samples.filter(isSilent)
            #expect(!silent.isEmpty)
            #expect(silent.first?.state == .silent(probeTimeouts: 2))
            let last = try #require(samples.last)
            #expect(last.reason == .closed)
            // The last periodic sample may be 100 ms older than the silence, or more if this process had to wait.
            let first = try #require(silent.first)
            #expect(first.congestionWindowBytes > 20 * 1200)
            #expect(first.lastHeardNanoseconds >= live.lastHeardNanoseconds)
            for sample in silent + [last] {
                #expect(sample.congestionWindowBytes == first.congestionWindowBytes)
                #expect(sample.slowStartThresholdBytes == first.slowStartThresholdBytes)
                #expect(sample.smoothedRTTNanoseconds == first.smoothedRTTNanoseconds)
                #expect(sample.lastHeardNanoseconds == first.lastHeardNanoseconds)
                #expect(sample.bytesInFlight > 0)
            }
            #expect(live.congestionWindowBytes > 40 * 1200)
            #expect(live.minimumRTTNanoseconds > 0)
            #expect(live.minimumRTTNanoseconds <= live.smoothedRTTNanoseconds + 1_000_000)
            // Not the guess from before the first measurement.
            #expect(live.smoothedRTTNanoseconds != 333_000_000)
        }
    }

    @Test func `a collapsed window is not reported when the client is heard again`() async throws {
        try await withServer(change: { $0.idleTimeout = .seconds(20) }) { server in
            try server.scratch.sparseFile("file", bytes: 60 << 20)
            let reply = try await server.get("file") { $0.drop_after = 300 }
            #expect(reply.error == nil)
            #expect(reply.bytes == 60 << 20)
            let isOver = await eventually {
                server.samples.withLockedValue { $0.contains { $0.state == .closed(.normal) } }
            }
            #expect(isOver)
            let samples = server.samples.withLockedValue { $0 }
            // On a busy machine there may be shorter silences, too.
            let recoveries = samples.indices.dropLast().filter {
                isSilent(samples[$0]) && samples[$0 + 1].state == .live
            }
            let lastSilent = try #require(
                recoveries.max { first, second in
                    samples[first + 1].lastHeardNanoseconds - samples[first].lastHeardNanoseconds
                        < samples[second + 1].lastHeardNanoseconds - samples[second].lastHeardNanoseconds
                })
            let before = samples[lastSilent]
            let after = samples[(lastSilent + 1)...]
            let first = try #require(after.first)
            #expect(first.reason == .silence)
            #expect(first.lastHeardNanoseconds > before.lastHeardNanoseconds + 2_000_000_000)
            // ngtcp2's own window is two datagrams then, and its threshold 0.7 of what the window was.
            #expect(first.congestionWindowBytes * 10 >= before.congestionWindowBytes * 6)
            for sample in after {
                #expect(sample.congestionWindowBytes >= sample.slowStartThresholdBytes ?? 0)
            }
        }
    }

    @Test func `the end of a response is sampled`() async throws {
        try await withServer(change: { $0.idleTimeout = .seconds(2) }) { server in
            try server.scratch.file("file", bytes: 1 << 20)
            // This client keeps the connection until the idle timeout.
            let run = try await Command.run(
                "gtlsclient", ["-q", "127.0.0.1", "\(server.port)", "https://localhost:\(server.port)/file"])
            #expect(run.status == 0)
            let isOver = await eventually {
                server.samples.withLockedValue { $0.contains { $0.state == .closed(.idleTimeout) } }
            }
            #expect(isOver)
            #expect(server.samples.withLockedValue { $0.count { $0.reason == .responseEnded } } == 1)
        }
    }

    @Test func `samples come at most ten times a second`() async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: 10 << 20)
            let reply = try await server.get("file") { $0.limit = 10 << 20 }
            #expect(reply.error == nil)
            let isOver = await eventually {
                server.samples.withLockedValue { $0.contains { $0.state == .closed(.normal) } }
            }
            #expect(isOver)
            let samples = server.samples.withLockedValue { $0 }
            #expect(samples.count { $0.reason == .closed } == 1)
            #expect(samples.count { $0.reason == .periodic } <= Int(reply.seconds * 10) + 2)
            #expect(samples.count { $0.reason == .periodic } >= 2)
            #expect(Set(samples.map(\.connection)).count == 1)
        }
    }

    @Test func `IPv6`() async throws {
        try await withServer(address: "::") { server in
            try server.scratch.file("file", bytes: 1 << 20)
            let digest = try await server.scratch.sha256("file")
            // An answer must come from the address that the client used, although the socket is bound to all addresses.
            for (host, ip) in [
                ("[::1]", "::1"), ("127.0.0.1", "::ffff:127.0.0.1"), ("127.0.0.2", "::ffff:127.0.0.1"),
            ] {
                for version in ["1", "2", "3"] {
                    let reply = try #require(
                        try await Curl.run(server.job("file", version: version, host: host)).first)
                    #expect(reply.error == nil)
                    #expect(reply.sha256 == digest)
                }
                let quic = server.samples.withLockedValue { $0.last?.remoteAddress.ipAddress }
                #expect(quic == ip)
                let tcp = server.accepted.withLockedValue { $0.last?.remoteAddress.ipAddress }
                #expect(tcp == ip)
            }
        }
    }

    @Test(arguments: ["1", "2"])
    func `TCP connections are reported before their first data and at their end`(version: String) async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: 1 << 20)
            _ = try await server.get("file", version: version)
            let accepted = try #require(server.accepted.withLockedValue { $0.first })
            #expect(accepted.congestionWindowSegments == 10)
            #expect(accepted.slowStartThresholdSegments == nil)
            #expect(accepted.maximumSegmentBytes > 500)
            #expect(accepted.smoothedRTTMicroseconds > 0)
            #expect(!accepted.congestionControl.isEmpty)
            #expect(accepted.localAddress.port == server.port)
            let isClosed = await eventually { server.closed.withLockedValue { !$0.isEmpty } }
            #expect(isClosed)
            let closed = try #require(server.closed.withLockedValue { $0.first })
            #expect(closed.connection == accepted.connection)
            #expect(closed.bytesSent > 1 << 20 || !closed.isFinal)
        }
    }
}
