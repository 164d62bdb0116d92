// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// The TCP connections of a server, so that they can be broken off when a stop has taken too long.
final class OpenConnections: Sendable {
    private let breakers = NIOLockedValueBox<[ObjectIdentifier: @Sendable () -> Void]>([:])

    /// Closes all of them now, without TLS's farewell, which waits for the client's.
    func breakOff() {
        for breaker in breakers.withLockedValue({ Array($0.values) }) { breaker() }
    }

    /// The handler that stands for a connection here. At the head of its pipeline, below TLS.
    func makeHandler() -> some ChannelInboundHandler { Handler(connections: self) }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = NIOAny

        private let connections: OpenConnections

        init(connections: OpenConnections) { self.connections = connections }

        func handlerAdded(context: ChannelHandlerContext) {
            let eventLoop = context.eventLoop
            let bound = NIOLoopBound(context, eventLoop: eventLoop)
            connections.breakers.withLockedValue {
                $0[ObjectIdentifier(self)] = { eventLoop.execute { bound.value.close(promise: nil) } }
            }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            connections.breakers.withLockedValue { $0[ObjectIdentifier(self)] = nil }
        }
    }
}
