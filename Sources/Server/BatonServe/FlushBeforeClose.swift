// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Sends what was written above TLS before a close gets there.
///
/// In a graceful stop the connection is closed as soon as its last stream is, which is when the stream's last frame is
/// written and not yet flushed. TLS drops what is not flushed, and the client, which has the whole body, misses its end.
final class FlushBeforeClose: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // after the one who closes has written what he is about to
        context.eventLoop.execute {
            bound.value.flush()
            bound.value.close(mode: mode, promise: promise)
        }
    }
}
