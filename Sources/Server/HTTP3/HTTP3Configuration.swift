// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// How an HTTP/3 server behaves.
public struct HTTP3Configuration: Sendable {
    /// Where to listen, IPv4 or IPv6; port 0 lets the system choose.
    public var address: SocketAddress
    /// The server's certificate and key.
    public var credentials: TLSCredentials
    /// How long a connection may hear nothing before it is dropped (RFC 9000, section 10.1). The smaller of this and
    /// the client's own value holds.
    public var idleTimeout: Duration = .seconds(5)
    /// How long the handshake may take.
    public var handshakeTimeout: Duration = .seconds(10)
    /// How many requests a client may have open at once on one connection.
    public var maximumConcurrentStreams: UInt64 = 100
    /// How many connections may exist at once. Beyond that the server ignores new ones.
    public var maximumConnections = 65_536
    /// From how many unfinished handshakes on a client has to prove its address by a Retry (RFC 9000, section 8.1.2).
    public var retryAboveHandshakes = 256
    /// The bytes of one request's head, names and values, beyond which it is answered with status 431.
    public var maximumHeadBytes = 64 * 1024
    /// Flow control: what a client may send on one stream before any of it was consumed, at first and at most, in
    /// bytes.
    public var streamWindowBytes: (initial: UInt64, maximum: UInt64) = (256 * 1024, 6 * 1024 * 1024)
    /// The same for all streams of a connection together.
    public var connectionWindowBytes: (initial: UInt64, maximum: UInt64) = (1024 * 1024, 16 * 1024 * 1024)
    /// How many bytes of a response's body may wait for transmission before its writer is suspended.
    public var writeBufferBytes = 512 * 1024
    /// How long a graceful shutdown waits for the requests in flight.
    public var shutdownTimeout: Duration = .seconds(30)
    /// What stateless reset tokens (RFC 9000, section 10.3) and Retry tokens are derived from. Servers that may get
    /// each other's packets share it; nil makes a new one.
    public var secret: [UInt8]?

    /// A configuration with the defaults above.
    public init(address: SocketAddress, credentials: TLSCredentials) {
        self.address = address
        self.credentials = credentials
    }
}
