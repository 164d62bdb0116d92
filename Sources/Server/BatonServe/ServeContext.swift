// SPDX-License-Identifier: Apache-2.0

import HTTP3
import Logging
import NIOCore

/// Where a request came from, for all versions of HTTP.
struct ServeContext: Sendable {
    /// The versions of HTTP, by their ALPN names.
    enum Version: String, Sendable {
        case http1 = "http/1.1"
        case http2 = "h2"
        case http3 = "h3"
    }

    let version: Version
    let remoteAddress: SocketAddress?
    let logger: Logger

    init(_ source: HTTP3RequestSource) {
        version = .http3
        remoteAddress = source.remoteAddress
        logger = source.logger
    }

    /// The context of a request over TCP.
    ///
    /// In HTTP/2 the channel is a stream, and its parent is the connection. In HTTP/1.1 the channel is the connection,
    /// and its parent is the listener.
    init(_ channel: any Channel, logger: Logger) {
        version = channel.parent?.parent == nil ? .http1 : .http2
        remoteAddress = channel.remoteAddress ?? channel.parent?.remoteAddress
        self.logger = logger
    }
}
