// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
public import Logging
public import NIOCore

/// Where an HTTP/3 request came from; what a responder's context is made of.
public struct HTTP3RequestSource: RequestContextSource, Sendable {
    /// The connection's number, as in ``TransportSample/connection``.
    public let connection: UInt64
    /// The QUIC stream that carries the request.
    public let stream: Int64
    /// The client's address when the request arrived.
    public let remoteAddress: SocketAddress
    /// The logger for this request.
    public let logger: Logger
}
