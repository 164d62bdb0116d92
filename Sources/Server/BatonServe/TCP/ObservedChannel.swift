// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// Reads an accepted TCP connection's state, when nothing has been sent yet, and then sets it up as `Base` does.
struct ObservedChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    let base: Base
    let observers: ConnectionObserver.Observers
    let connections: OpenConnections

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        do {
            // The last segment of a response must not wait for an acknowledgement.
            try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
            if !observers.isEmpty, let observer = ConnectionObserver(channel, observers: observers) {
                try channel.pipeline.syncOperations.addHandler(observer)
            }
            try channel.pipeline.syncOperations.addHandler(connections.makeHandler())
            try channel.pipeline.syncOperations.addHandler(LingeringClose())
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        let value = base.setup(channel: channel, logger: logger)
        do {
            let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            try channel.pipeline.syncOperations.addHandler(FlushBeforeClose(), position: .after(tls))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return value
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
