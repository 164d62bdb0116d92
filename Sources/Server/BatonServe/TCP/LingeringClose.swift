// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Closes a TCP connection only when the client has received what was written to it.
///
/// If a socket is closed while data from the client is unread (a window update of HTTP/2, a close_notify of TLS), the
/// kernel sends a reset, and a reset discards what the client has not received yet (RFC 9112, section 9.6). So at first
/// only the sending side is closed. The rest follows when the client closes too, or acknowledges nothing more.
final class LingeringClose: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How often the connection is checked.
    private static let interval = TimeAmount.seconds(1)
    /// After how many checks in a row without an acknowledgement the close waits no longer.
    private static let patience = 5

    private var isLingering = false
    private var isShut = false

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all else {
            context.close(mode: mode, promise: promise)
            return
        }
        if let promise { context.channel.closeFuture.cascade(to: promise) }
        guard !isLingering else { return }
        isLingering = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // A close drops what waits in the channel for room in the socket, so an empty write goes behind it.
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.isShut = true
            context.close(mode: .output, promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        wait(context, acknowledged: 0, stalls: 0)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nobody reads any more.
        if !isLingering { context.fireChannelRead(data) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isLingering, case .inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Checks after an interval. Closes if the client has acknowledged everything, or nothing for `patience` checks.
    private func wait(_ context: ChannelHandlerContext, acknowledged: UInt64, stalls: Int) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.interval) {
            let (handler, context) = bound.value
            guard context.channel.isActive else { return }
            guard let info = ConnectionObserver.info(context.channel),
                !handler.isShut || info.unacknowledged > 0 || info.notSentBytes > 0
            else {
                context.close(promise: nil)
                return
            }
            let isStalled = info.bytesAcknowledged == acknowledged
            guard !isStalled || stalls < Self.patience else {
                context.close(promise: nil)
                return
            }
            handler.wait(context, acknowledged: info.bytesAcknowledged, stalls: isStalled ? stalls + 1 : 0)
        }
    }
}
