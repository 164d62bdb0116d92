// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// Reads TCP_INFO of a TCP connection when it is accepted and when it closes. At the head of the pipeline.
final class ConnectionObserver: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The functions that are called.
    struct Observers: Sendable {
        var accepted: (@Sendable (AcceptedConnection) -> Void)?
        var closed: (@Sendable (ClosedConnection) -> Void)?

        var isEmpty: Bool { accepted == nil && closed == nil }
    }

    private static let lastNumber = NIOLockedValueBox<UInt64>(0)
    private static let refreshInterval = TimeAmount.milliseconds(100)

    private let number: UInt64
    private let remote: SocketAddress
    private let observers: Observers
    private var last: TCPInfo
    private var lastRead = NIODeadline.now()
    private var isClosed = false

    /// Reports the connection; nil if its socket has no state any more.
    init?(_ channel: any Channel, observers: Observers) {
        guard let remote = channel.remoteAddress, let local = channel.localAddress, let info = Self.info(channel) else {
            return nil
        }
        number = Self.lastNumber.withLockedValue {
            $0 += 1
            return $0
        }
        self.remote = remote
        self.observers = observers
        last = info
        observers.accepted?(
            AcceptedConnection(number, remote: remote, local: local, info, control: Self.control(channel)))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        refresh(context.channel)
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        refresh(context.channel)
        context.fireChannelWritabilityChanged()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all, let info = Self.info(context.channel) {
            last = info
            announceClose(isFinal: true)
        }
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        announceClose(isFinal: false)
        context.fireChannelInactive()
    }

    private func announceClose(isFinal: Bool) {
        guard !isClosed else { return }
        isClosed = true
        observers.closed?(ClosedConnection(number, remote: remote, last, isFinal: isFinal))
    }

    private func refresh(_ channel: any Channel) {
        let now = NIODeadline.now()
        guard !isClosed, now - lastRead >= Self.refreshInterval, let info = Self.info(channel) else { return }
        lastRead = now
        last = info
    }

    // On the channel's event loop, options are read at once: the futures below are complete when they are returned.

    /// The connection's present state; nil if its socket has none any more. Only on the channel's event loop.
    static func info(_ channel: any Channel) -> TCPInfo? { option(channel, .tcp_info) }

    private static func control(_ channel: any Channel) -> String {
        let name: CongestionControlName? = option(channel, .init(rawValue: TCP_CONGESTION))
        return name?.string ?? ""
    }

    /// An option of level IPPROTO_TCP.
    private static func option<Value: Sendable>(_ channel: any Channel, _ name: NIOBSDSocket.Option) -> Value? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let result = NIOLockedValueBox<Value?>(nil)
        let future: EventLoopFuture<Value> = provider.unsafeGetSocketOption(
            level: .tcp, name: name)
        future.whenSuccess { value in result.withLockedValue { $0 = value } }
        return result.withLockedValue { $0 }
    }
}
