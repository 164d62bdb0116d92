// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// A real client that speaks HTTP/3 and falls back to TCP by itself.
protocol FallingBackClient {
    /// One fallback: it learns the path over HTTP/3, the path is cut, and the load comes over what is left.
    ///
    /// - Parameters:
    ///   - load: what is measured.
    ///   - following: connections after it, while HTTP/3 counts as broken. None if HTTP/3 carried any of the load.
    ///   - cut: breaks the path. When it returns, the path is broken.
    ///   - beforeTCP: is called once, after the cut and before any TCP connection that could carry the load. The client
    ///     is held meanwhile, and the time is not counted.
    /// - Throws: `LabError` in the client's words if it does not fall back or the load does not come within the limit,
    ///   `Interruption` at a signal, and what `cut` and `beforeTCP` throw.
    func run(
        _ load: Load, following: Int, cut: () throws -> Void, beforeTCP: () throws -> Void
    ) throws -> FallbackTimes
}

/// Where a client runs and what it asks.
struct ClientSetting {
    /// The client's network.
    let namespace: NetworkNamespace
    /// The server's, IPv4 or IPv6.
    let serverAddress: String
    /// The directory that the server serves; what the client asks for is put there.
    let root: String
    /// The server's certificate (PEM), for `ServerFiles.host`.
    let certificate: String
    /// The body that QUIC learns the path from: see `ServedContent.learningBytes`.
    let learningBytes: Int64
    /// A Python; for `CurlFallback` one that has pycurl with HTTP/3.
    let python: String
    /// A directory for the client's script and its log.
    let directory: String
    /// For one request or page, from its start to its end.
    var limit = TimeSpan(nanoseconds: 60_000_000_000)
    let signals: SignalDescriptor

    /// As URLs and resolvers write it.
    var bracketedAddress: String { serverAddress.contains(":") ? "[\(serverAddress)]" : serverAddress }
}
