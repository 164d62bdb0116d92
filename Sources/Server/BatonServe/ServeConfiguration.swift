// SPDX-License-Identifier: Apache-2.0

public import UnixSignals

/// What a server serves, where and how.
public struct ServeConfiguration: Sendable {
    /// The directory whose files are served.
    public var root: String
    /// The PEM file with the server's certificate, followed by the chain of certificates to a root.
    public var certificatePath: String
    /// The PEM file with the certificate's private key.
    public var keyPath: String
    /// Where to listen, for both TCP and UDP.
    public var listen: ListenAddress
    /// How long an HTTP/3 connection may receive nothing before both sides give it up. It bounds how long a client
    /// waits, when UDP no longer passes, before it falls back to TCP.
    public var idleTimeout: Duration = .seconds(5)
    /// How long an idle HTTP/1.1 or HTTP/2 connection is kept.
    public var tcpIdleTimeout: Duration = .seconds(60)
    /// How long a client may rely on the announcement of HTTP/3 (RFC 7838, section 3.1).
    public var alternativeServiceLifetime: Duration = .seconds(86_400)
    /// How long a stop waits for responses in flight.
    public var shutdownTimeout: Duration = .seconds(30)
    /// The signals that stop the server.
    public var stopSignals: [UnixSignal] = [.sigterm, .sigint]

    /// A configuration with the defaults above.
    public init(root: String, certificatePath: String, keyPath: String, listen: ListenAddress = .standard) {
        self.root = root
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.listen = listen
    }
}
