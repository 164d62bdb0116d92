// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import HTTP3
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite(.serialized, .endsIfStuck)
struct SampleTests {
    /// Starts a download that does not end by itself, and waits until its connection has been sampled some times, and its
    /// window has grown.
    private func download(from server: TestServer) async throws -> Command {
        try server.scratch.sparseFile("file", bytes: 1 << 36)
        let client = try Curl.start(server.job("file"))
        let hasBegun = await eventually {
            server.samples.withLockedValue { samples in
                samples.count >= 5 && samples.contains { $0.congestionWindowBytes > 40 * 1200 }
            }
        }
        try #require(hasBegun)
        return client
    }

    private func isSilent(_ sample: TransportSample) -> Bool { probeTimeouts(of: sample) > 0 }

    private func probeTimeouts(of sample: TransportSample) -> Int {
        if case .silent(let count) = sample.state { count } else { 0 }
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
            // The last periodic sample is older than the silence: meanwhile the window may have changed, but hasn't collapsed.
            let first = try #require(silent.first)
            #expect(first.congestionWindowBytes >= first.slowStartThresholdBytes ?? 0)
            #expect(first.lastHeardNanoseconds >= live.lastHeardNanoseconds)
            for sample in silent + [last] {
                #expect(sample.congestionWindowBytes == first.congestionWindowBytes)
                #expect(sample.slowStartThresholdBytes == first.slowStartThresholdBytes)
                #expect(sample.smoothedRTTNanoseconds == first.smoothedRTTNanoseconds)
                #expect(sample.lastHeardNanoseconds == first.lastHeardNanoseconds)
                #expect(sample.bytesInFlight > 0)
            }
            #expect(live.minimumRTTNanoseconds > 0)
            #expect(live.minimumRTTNanoseconds <= live.smoothedRTTNanoseconds + 1_000_000)
        }
    }

    @Test func `a window that collapsed is not reported when the client is heard again`() async throws {
        try await withServer(change: { $0.idleTimeout = .seconds(120) }) { server in
            try server.scratch.sparseFile("file", bytes: 60 << 20)
            var job = server.job("file")
            (job.drop_after, job.drop_until) = (300, server.scratch.path + "/heard")
            let client = try Curl.start(job)
            // Long enough for persistent congestion, which is three probe timeouts (RFC 9002, section 7.6.1).
            let hasFallenSilent = await eventually {
                server.samples.withLockedValue { $0.contains { probeTimeouts(of: $0) >= 4 } }
            }
            #expect(hasFallenSilent)
            try Data().write(to: URL(fileURLWithPath: server.scratch.path + "/heard"))
            let reply = try #require(try await Curl.finish(client).first)
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
            #expect(first.lastHeardNanoseconds > before.lastHeardNanoseconds)
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
            let start = ContinuousClock.now
            let reply = try await server.get("file") { $0.limit = 10 << 20 }
            #expect(reply.error == nil)
            let isOver = await eventually {
                server.samples.withLockedValue { $0.contains { $0.state == .closed(.normal) } }
            }
            #expect(isOver)
            let tenths = (ContinuousClock.now - start) / .milliseconds(100)
            let samples = server.samples.withLockedValue { $0 }
            #expect(samples.count { $0.reason == .closed } == 1)
            #expect(Double(samples.count { $0.reason == .periodic }) <= tenths + 1)
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
                let isSampled = await eventually {
                    server.samples.withLockedValue { $0.contains { $0.remoteAddress.ipAddress == ip } }
                }
                #expect(isSampled)
                server.samples.withLockedValue { $0 = [] }
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
