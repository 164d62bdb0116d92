// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Logging
import NIOCore

/// The UDP socket of a server and all connections on it. It is `Sendable` because it lives on one event loop.
final class Endpoint: @unchecked Sendable {
    let configuration: HTTP3Configuration
    let handler: RequestHandler
    let observer: (@Sendable (TransportSample) -> Void)?
    let logger: Logger
    let eventLoop: any EventLoop
    /// Where the socket is bound.
    let localAddress: SocketAddress
    /// The connections, by the connection IDs that clients use.
    var routes: [ConnectionID: Connection] = [:]
    /// The open connections, by number.
    var open: [UInt64: Connection] = [:]
    var unfinishedHandshakes = 0
    var runningJobs = 0
    /// Whether the socket's buffer is full.
    private(set) var isBlocked = false
    private(set) var isShuttingDown = false

    /// Connections write packets here and pass them to ``send(_:segmentBytes:on:)`` before another one writes.
    let sendBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    let vectors = UnsafeMutableBufferPointer<nghttp3_vec>.allocate(capacity: 16)
    let packetPath = PathStorage()
    let batchPath = PathStorage()

    private var sender: DatagramSender
    private var channel: (any Channel)?
    private var waiting: [Connection] = []
    private var flushIsScheduled = false
    let secret: [UInt8]
    private let idle: EventLoopPromise<Void>
    var resetsThisSecond = (second: UInt64(0), count: 0)

    init(
        socket: DatagramSocket, configuration: HTTP3Configuration, eventLoop: any EventLoop,
        handler: @escaping RequestHandler,
        observer: (@Sendable (TransportSample) -> Void)?, logger: Logger
    ) {
        self.configuration = configuration
        self.handler = handler
        self.observer = observer
        self.logger = logger
        self.eventLoop = eventLoop
        localAddress = socket.address
        sender = DatagramSender(descriptor: socket.descriptor, namesSource: socket.address.isWildcard)
        secret = configuration.secret ?? Randomness.bytes(32)
        idle = eventLoop.makePromise()
        vectors.initialize(repeating: nghttp3_vec())
    }

    deinit {
        sendBuffer.deallocate()
        vectors.deallocate()
    }

    /// Succeeds when the socket is closed and no responder is running.
    var closed: EventLoopFuture<Void> { idle.futureResult }

    func attach(_ channel: any Channel) { self.channel = channel }

    /// Makes the token by which a peer recognises a Stateless Reset (RFC 9000, section 10.3.2).
    func resetToken(for cid: ngtcp2_cid, into token: UnsafeMutablePointer<UInt8>?) -> Bool {
        var cid = cid
        return ngtcp2_crypto_generate_stateless_reset_token(token, secret, secret.count, &cid) == 0
    }

    /// Sends datagrams of `segmentBytes` each. If the socket's buffer is full, NIO keeps the rest and waits for room.
    func send(_ bytes: UnsafeRawBufferPointer, segmentBytes: Int, on path: PathStorage) {
        guard let channel else { return }
        var offset = 0
        if !isBlocked {
            guard case .blocked(let from) = sender.send(bytes, segmentBytes: segmentBytes, on: path.path) else {
                return
            }
            offset = from
        }
        guard let remote = SocketAddress(path.path.pointee.remote) else { return }
        isBlocked = true
        var last: EventLoopFuture<Void>?
        while offset < bytes.count {
            let end = min(offset + segmentBytes, bytes.count)
            let buffer = ByteBuffer(bytes: bytes[offset..<end])
            last = channel.write(AddressedEnvelope(remoteAddress: remote, data: buffer))
            offset = end
        }
        channel.flush()
        last?.whenComplete { [self] _ in
            isBlocked = false
            flush()
        }
    }

    /// Makes `connection` write at the next flush, which comes after the event loop's present work.
    func scheduleFlush(of connection: Connection) {
        waiting.append(connection)
        guard !flushIsScheduled, !isBlocked else { return }
        flushIsScheduled = true
        eventLoop.execute { [self] in flush() }
    }

    /// Lets every connection write that has something to write.
    func flush() {
        flushIsScheduled = false
        guard !isBlocked else { return }
        let connections = waiting
        waiting = []
        for connection in connections { connection.write() }
    }

    /// A connection has ended; its IDs are kept until ``forget(_:)``.
    func ended(_ connection: Connection) {
        open[connection.number] = nil
        if isShuttingDown, open.isEmpty { closeChannel() }
    }

    func forget(_ connection: Connection) {
        connection.cancelTimer()
        for id in connection.ids { routes[id] = nil }
        connection.ids = []
    }

    func jobEnded() {
        runningJobs -= 1
        completeIfIdle()
    }

    /// Refuses new requests, waits for those in flight, and closes; after the configured time it closes anyway.
    func shutDown() {
        guard !isShuttingDown else { return }
        isShuttingDown = true
        guard !open.isEmpty else { return closeChannel() }
        for connection in Array(open.values) { connection.beginShutdown() }
        eventLoop.scheduleTask(in: .nanoseconds(Int64(clamping: configuration.shutdownTimeout.nanoseconds))) { [self] in
            closeNow()
        }
    }

    /// Closes all connections at once, then the socket.
    func closeNow() {
        isShuttingDown = true
        for connection in Array(open.values) { connection.close(code: NGHTTP3_H3_NO_ERROR, reason: .normal) }
        closeChannel()
    }

    private func closeChannel() {
        guard let channel else { return }
        channel.close(promise: nil)
    }

    /// The socket is gone, whoever closed it.
    func channelClosed() {
        isShuttingDown = true
        channel = nil
        for connection in Array(open.values) { connection.finish(.error) }
        for connection in Array(routes.values) { forget(connection) }
        waiting = []
        completeIfIdle()
    }

    private func completeIfIdle() {
        if channel == nil, runningJobs == 0 { idle.succeed() }
    }
}
