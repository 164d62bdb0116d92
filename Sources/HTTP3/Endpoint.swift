// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Logging
import NIOCore

/// The UDP socket of a server and all connections on it, on one event loop, which is what makes it `Sendable`.
final class Endpoint: @unchecked Sendable {
    let configuration: HTTP3Configuration
    let handler: RequestHandler
    let observer: (@Sendable (TransportSample) -> Void)?
    let logger: Logger
    let eventLoop: any EventLoop
    /// Where the socket is bound.
    let localAddress: SocketAddress
    /// By the connection IDs that the clients use.
    var routes: [ConnectionID: Connection] = [:]
    /// Those that are open, by number.
    var open: [UInt64: Connection] = [:]
    var unfinishedHandshakes = 0
    var runningJobs = 0
    /// Whether the socket takes no more until it has said so.
    private(set) var isBlocked = false
    private(set) var isShuttingDown = false

    /// What connections fill and hand to ``send(_:segmentBytes:on:)`` in the same turn.
    let sendBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    let vectors = UnsafeMutableBufferPointer<nghttp3_vec>.allocate(capacity: 16)
    let packetPath = PathStorage()
    let batchPath = PathStorage()

    private var sender: DatagramSender
    private var channel: (any Channel)?
    private var waiting: [Connection] = []
    private var flushIsScheduled = false
    private let secret: [UInt8]
    private let idle: EventLoopPromise<Void>
    private var resetsThisSecond = (second: UInt64(0), count: 0)

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

    /// Done when the socket is closed and no responder is at work any more.
    var closed: EventLoopFuture<Void> { idle.futureResult }

    func attach(_ channel: any Channel) { self.channel = channel }

    /// The token by which a peer recognises that this server has lost the connection (RFC 9000, section 10.3.2).
    func resetToken(for cid: ngtcp2_cid, into token: UnsafeMutablePointer<UInt8>?) -> Bool {
        var cid = cid
        return ngtcp2_crypto_generate_stateless_reset_token(token, secret, secret.count, &cid) == 0
    }

    // MARK: Receiving

    /// Takes in one datagram.
    func receive(_ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress) {
        guard let bytes = datagram.baseAddress?.assumingMemoryBound(to: UInt8.self), datagram.count > 0 else { return }
        var version = ngtcp2_version_cid()
        let status = ngtcp2_pkt_decode_version_cid(&version, bytes, datagram.count, ConnectionID.issuedLength)
        if status == NGTCP2_ERR_VERSION_NEGOTIATION {
            return answer(datagram, from: remote, to: local) {
                StatelessAnswer.versionNegotiation(version, datagramBytes: datagram.count, into: $0)
            }
        }
        guard status == 0, let id = ConnectionID(version.dcid, count: version.dcidlen) else { return }
        if let connection = routes[id] {
            return connection.receive(datagram, from: remote, to: local)
        }
        if bytes[0] & 0x80 == 0 {
            reset(version, datagram, from: remote, to: local)
        } else {
            accept(datagram, from: remote, to: local)
        }
    }

    /// A client's first packet, if that is what it is.
    private func accept(_ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress) {
        var header = ngtcp2_pkt_hd()
        let bytes = datagram.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard ngtcp2_accept(&header, bytes, datagram.count) == 0 else { return }
        guard !isShuttingDown else {
            return answer(datagram, from: remote, to: local) {
                StatelessAnswer.close(header, code: UInt64(NGTCP2_CONNECTION_REFUSED), into: $0)
            }
        }
        guard open.count < configuration.maximumConnections else { return }
        var retriedID: ngtcp2_cid?
        switch RetryToken.check(header, from: remote, secret: secret) {
        case .valid(let id): retriedID = id
        case .forged:
            return answer(datagram, from: remote, to: local) {
                StatelessAnswer.close(header, code: UInt64(NGTCP2_INVALID_TOKEN), into: $0)
            }
        case .absent:
            guard unfinishedHandshakes < configuration.retryAboveHandshakes else {
                let secret = secret
                return answer(datagram, from: remote, to: local) {
                    RetryToken.retry(header, to: remote, secret: secret, into: $0)
                }
            }
        }
        let connection = Connection(endpoint: self, number: ConnectionNumbers.next())
        open[connection.number] = connection
        unfinishedHandshakes += 1
        guard connection.open(header, retriedID: retriedID, local: local, remote: remote) else {
            connection.finish(.error)
            return forget(connection)
        }
        connection.receive(datagram, from: remote, to: local)
    }

    /// Tells a peer whose connection is unknown here so (RFC 9000, section 10.3); at most 100 of them a second.
    private func reset(
        _ version: ngtcp2_version_cid, _ datagram: UnsafeRawBufferPointer, from remote: SocketAddress,
        to local: SocketAddress
    ) {
        let second = MonotonicClock.now() / 1_000_000_000
        if resetsThisSecond.second != second { resetsThisSecond = (second, 0) }
        resetsThisSecond.count += 1
        guard resetsThisSecond.count <= 100 else { return }
        var cid = ngtcp2_cid()
        ngtcp2_cid_init(&cid, version.dcid, version.dcidlen)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(NGTCP2_STATELESS_RESET_TOKENLEN)) { token in
            guard resetToken(for: cid, into: token.baseAddress) else { return }
            answer(datagram, from: remote, to: local) {
                StatelessAnswer.reset(token.baseAddress, datagramBytes: datagram.count, into: $0)
            }
        }
    }

    private func answer(
        _ datagram: UnsafeRawBufferPointer, from remote: SocketAddress, to local: SocketAddress,
        with write: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) {
        let space = UnsafeMutableBufferPointer(
            start: sendBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count: 1200)
        let count = write(space)
        guard count > 0 else { return }
        packetPath.set(local: local, remote: remote)
        send(UnsafeRawBufferPointer(rebasing: sendBuffer[0..<count]), segmentBytes: count, on: packetPath)
    }

    // MARK: Sending

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

    /// Has `connection` write when the event loop is done with what it is at.
    func scheduleFlush(of connection: Connection) {
        waiting.append(connection)
        guard !flushIsScheduled, !isBlocked else { return }
        flushIsScheduled = true
        eventLoop.execute { [self] in flush() }
    }

    /// Lets all connections write that have something to write.
    func flush() {
        flushIsScheduled = false
        guard !isBlocked else { return }
        let connections = waiting
        waiting = []
        for connection in connections { connection.write() }
    }

    // MARK: Ending

    /// A connection is over; its IDs stay known for a while.
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

    /// Lets requests in flight end, refuses new ones, and closes; by force after the configured time.
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
