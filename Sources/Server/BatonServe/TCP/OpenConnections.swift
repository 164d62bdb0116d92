// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// The open TCP connections of a server, so that they can be aborted when a stop takes too long.
final class OpenConnections: Sendable {
    private let closures = NIOLockedValueBox<[ObjectIdentifier: @Sendable () -> Void]>([:])

    /// Closes all of them now, without TLS's close_notify, which would wait for the client's.
    func abort() {
        for close in closures.withLockedValue({ Array($0.values) }) { close() }
    }

    /// Makes the handler that registers a connection here. At the head of the pipeline, below TLS.
    func makeHandler() -> some ChannelInboundHandler { Handler(connections: self) }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = NIOAny

        private let connections: OpenConnections

        init(connections: OpenConnections) { self.connections = connections }

        func handlerAdded(context: ChannelHandlerContext) {
            let eventLoop = context.eventLoop
            let bound = NIOLoopBound(context, eventLoop: eventLoop)
            connections.closures.withLockedValue {
                $0[ObjectIdentifier(self)] = { eventLoop.execute { bound.value.close(promise: nil) } }
            }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            connections.closures.withLockedValue { $0[ObjectIdentifier(self)] = nil }
        }
    }
}
