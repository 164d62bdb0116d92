// SPDX-License-Identifier: Apache-2.0

public import UnixSignals

/// What to serve, where and how.
public struct ServeConfiguration: Sendable {
    /// The directory whose files are served.
    public var root: String
    /// The PEM file with the server's certificate, followed by those that lead to a root.
    public var certificatePath: String
    /// The PEM file with the certificate's private key.
    public var keyPath: String
    /// Where to listen, TCP and UDP alike.
    public var listen: ListenAddress
    /// How long an HTTP/3 connection may hear nothing before both sides give it up. It decides how soon a client falls
    /// back to TCP when UDP stops to pass.
    public var idleTimeout: Duration = .seconds(5)
    /// How long an idle HTTP/1.1 or HTTP/2 connection is kept.
    public var tcpIdleTimeout: Duration = .seconds(60)
    /// How long a client may take HTTP/3 for available after it was told so (RFC 7838, section 3.1).
    public var alternativeServiceLifetime: Duration = .seconds(86_400)
    /// How long a stop waits for the responses in flight.
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
