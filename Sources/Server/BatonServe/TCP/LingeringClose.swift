// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Closes a TCP connection only when the client has what was written to it.
///
/// A close of the whole socket answers with a reset whatever the client has sent and nobody has read (a window update of
/// HTTP/2, TLS's farewell), and a reset throws away what the client had yet to receive (RFC 9112, section 9.6). So only
/// the way out is shut at first. The rest follows when the client closes too, or takes nothing more.
final class LingeringClose: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How often the connection is looked at.
    private static let interval = TimeAmount.seconds(1)
    /// How many times in a row the client may have acknowledged nothing before the close waits no more.
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
        // what waits in the channel for room in the socket would be dropped; this leaves behind it
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
        // nobody is there to read it
        if !isLingering { context.fireChannelRead(data) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isLingering, case .inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Waits for the client to close: an interval once it has all, longer as long as it takes more and more.
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
