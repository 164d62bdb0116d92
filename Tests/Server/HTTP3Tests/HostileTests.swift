// SPDX-License-Identifier: Apache-2.0

import BatonServe
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@Suite(.serialized, .endsIfStuck)
struct HostileTests {
    /// Collects what a socket receives.
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let datagrams = NIOLockedValueBox<[[UInt8]]>([])
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(buffer: unwrapInboundIn(data).data)
            datagrams.withLockedValue { $0.append(bytes) }
        }
    }

    private func withSocket(_ body: (any Channel, Collector) async throws -> Void) async throws {
        let collector = Collector()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .bind(host: "127.0.0.1", port: 0).get()
        try await body(channel, collector)
        try await channel.close()
    }

    private func send(_ bytes: [UInt8], to server: TestServer, on channel: any Channel) async throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: server.port)
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes)))
    }

    /// A packet with a long header of this type and version, IDs of these lengths, and random bytes.
    private func packet(type: UInt8, version: [UInt8] = [0, 0, 0, 1], lengths: (Int, Int), size: Int) -> [UInt8] {
        func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }
        var bytes: [UInt8] = [0xc0 | type << 4 | UInt8.random(in: 0...15)] + version
        bytes += [UInt8(lengths.0)] + noise(lengths.0) + [UInt8(lengths.1)] + noise(lengths.1)
        return bytes + noise(max(0, size - bytes.count))
    }

    @Test func `noise does no harm`() async throws {
        try await withServer { server in
            try server.scratch.file("file", bytes: 1000)
            try await withSocket { channel, _ in
                for round in 0..<3000 {
                    let size = Int.random(in: 0...1500)
                    let bytes: [UInt8] =
                        switch round % 3 {
                        case 0: (0..<size).map { _ in UInt8.random(in: 0...255) }
                        case 1:
                            packet(
                                type: UInt8.random(in: 0...3),
                                lengths: (Int.random(in: 0...255), Int.random(in: 0...255)), size: size)
                        default:
                            packet(
                                type: 0, lengths: (Int.random(in: 8...20), Int.random(in: 0...20)), size: 1200)
                        }
                    try await send(bytes, to: server, on: channel)
                }
            }
            let reply = try await server.get("file")
            #expect(reply.error == nil)
            #expect(reply.status == 200)
        }
    }

    @Test func `an unknown version is answered with the known ones`() async throws {
        try await withServer { server in
            try await withSocket { channel, collector in
                let version: [UInt8] = [0x5a, 0x5a, 0x5a, 0x5a]
                try await send(
                    packet(type: 0, version: version, lengths: (8, 8), size: 1200), to: server, on: channel)
                // Too short for an answer: the server must not amplify.
                try await send(packet(type: 0, version: version, lengths: (8, 8), size: 600), to: server, on: channel)
                let isAnswered = await eventually { collector.datagrams.withLockedValue { !$0.isEmpty } }
                #expect(isAnswered)
                try await Task.sleep(for: .milliseconds(100))
                let answers = collector.datagrams.withLockedValue { $0 }
                #expect(answers.count == 1)
                #expect(answers.first?[1..<5] == [0, 0, 0, 0])
                #expect(answers.first?.suffix(4) == [0, 0, 0, 1])
            }
        }
    }

    @Test func `an unknown connection is reset, with a smaller packet`() async throws {
        try await withServer { server in
            try await withSocket { channel, collector in
                let bytes = [0x40] + (0..<99).map { _ in UInt8.random(in: 0...255) }
                try await send(bytes, to: server, on: channel)
                let isAnswered = await eventually { collector.datagrams.withLockedValue { !$0.isEmpty } }
                #expect(isAnswered)
                #expect(collector.datagrams.withLockedValue { $0.first.map(\.count) ?? 0 } < bytes.count)
                #expect(collector.datagrams.withLockedValue { $0.first.map(\.count) ?? 0 } >= 21)
            }
        }
    }

    @Test func `forged packets with a live connection's IDs do no harm`() async throws {
        // The noise comes from another address.
        try await withServer { server in
            try server.scratch.file("file", bytes: 10 << 20)
            var job = server.job("file")
            job.limit = 10 << 20
            let client = try Curl.start(job)
            await client.firstError()
            try await withSocket { channel, _ in
                for _ in 0..<500 {
                    try await send(
                        packet(type: 2, lengths: (16, 0), size: 300), to: server, on: channel)
                }
            }
            let reply = try #require(try await Curl.finish(client).first)
            #expect(reply.error == nil)
            #expect(try await reply.sha256 == server.scratch.sha256("file"))
        }
    }
}
