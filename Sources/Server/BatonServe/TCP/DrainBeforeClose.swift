// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Delays the close of an HTTP/1.1 connection or an HTTP/2 stream until everything that was written is sent.
///
/// In a graceful stop Hummingbird closes immediately after the end of a response. Data that an HTTP/2 stream still
/// holds then, because its flow control window is closed, would be discarded and the stream cancelled.
final class DrainBeforeClose: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    /// How long a close waits while nothing is sent.
    private static let patience = TimeAmount.seconds(10)

    private var pendingWrites = 0
    private var completedWrites = 0
    private var isClosing = false
    private var closePromises: [EventLoopPromise<Void>?] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        pendingWrites += 1
        let promise = promise ?? context.eventLoop.makePromise()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.pendingWrites -= 1
            handler.completedWrites += 1
            if handler.pendingWrites == 0 { handler.closeNow(context) }
        }
        context.write(data, promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, pendingWrites > 0 else {
            context.close(mode: mode, promise: promise)
            return
        }
        closePromises.append(promise)
        guard !isClosing else { return }
        isClosing = true
        waitForProgress(context, since: completedWrites)
    }

    private func waitForProgress(_ context: ChannelHandlerContext, since completed: Int) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.patience) {
            let (handler, context) = bound.value
            guard handler.isClosing else { return }
            if handler.completedWrites > completed {
                handler.waitForProgress(context, since: handler.completedWrites)
            } else {
                handler.closeNow(context)
            }
        }
    }

    private func closeNow(_ context: ChannelHandlerContext) {
        guard isClosing else { return }
        isClosing = false
        let promises = closePromises.compactMap { $0 }
        closePromises = []
        let promise = context.eventLoop.makePromise(of: Void.self)
        for waiting in promises { promise.futureResult.cascade(to: waiting) }
        context.close(promise: promise)
    }
}

/// Sends what was written above TLS before a close reaches TLS.
///
/// In a graceful stop the connection closes as soon as its last stream does. At that moment the stream's last frame is
/// written but not flushed. TLS drops what is not flushed, so the client gets the complete body without its end.
final class FlushBeforeClose: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // Not now: whoever closes is about to write the last frame.
        context.eventLoop.execute {
            bound.value.flush()
            bound.value.close(mode: mode, promise: promise)
        }
    }
}
