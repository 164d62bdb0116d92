// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// How an HTTP/3 server behaves.
public struct HTTP3Configuration: Sendable {
    /// Where to listen, IPv4 or IPv6; port 0 lets the system choose.
    public var address: SocketAddress
    /// The server's certificate and key.
    public var credentials: TLSCredentials
    /// How long a connection may receive nothing before it is dropped (RFC 9000, section 10.1). The smaller of this and
    /// the client's value applies.
    public var idleTimeout: Duration = .seconds(5)
    /// How long the handshake may take.
    public var handshakeTimeout: Duration = .seconds(10)
    /// How many requests a client may have open at once on one connection.
    public var maximumConcurrentStreams: UInt64 = 100
    /// How many connections may exist at once. The server ignores further ones.
    public var maximumConnections = 65_536
    /// With this many unfinished handshakes or more, a new client must prove its address by a Retry (RFC 9000, section
    /// 8.1.2).
    public var retryAboveHandshakes = 256
    /// How many bytes the names and values of a request's head may have; a larger request gets status 431.
    public var maximumHeadBytes = 64 * 1024
    /// Flow control: how many bytes a client may send on one stream before the responder takes any. Initial value and
    /// maximum.
    public var streamWindowBytes: (initial: UInt64, maximum: UInt64) = (256 * 1024, 6 * 1024 * 1024)
    /// The same for all streams of a connection together.
    public var connectionWindowBytes: (initial: UInt64, maximum: UInt64) = (1024 * 1024, 16 * 1024 * 1024)
    /// How many bytes of a response's body may wait for transmission; above that, its writer is suspended.
    public var writeBufferBytes = 512 * 1024
    /// How long a graceful shutdown waits for requests in flight.
    public var shutdownTimeout: Duration = .seconds(30)
    /// The secret from which stateless reset tokens (RFC 9000, section 10.3) and Retry tokens are derived. Servers that
    /// may receive each other's packets must share it; nil: a new random one.
    public var secret: [UInt8]?

    /// A configuration with the defaults above.
    public init(address: SocketAddress, credentials: TLSCredentials) {
        self.address = address
        self.credentials = credentials
    }
}
