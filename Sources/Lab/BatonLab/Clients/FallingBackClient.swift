// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// A real client that speaks HTTP/3 and falls back to TCP by itself.
protocol FallingBackClient {
    /// Why this client can't load it, and which one can; nil if it can.
    static func objection(to load: Load) -> String?

    /// One fallback: the client learns the path over HTTP/3, UDP is cut, and the load arrives over what is left.
    ///
    /// - Parameters:
    ///   - load: what is measured.
    ///   - following: connections after it, while the client marks HTTP/3 as broken. None if HTTP/3 carried any of the
    ///     load.
    ///   - cut: breaks the path; the path is broken when it returns.
    ///   - beforeTCP: is called once, after the cut and before any TCP connection that could carry the load. The client
    ///     is paused meanwhile, and that time is not counted.
    /// - Throws: `LabError` with the client's message if it does not fall back or the load does not arrive within the
    ///   limit, `Interruption` at a signal, and what `cut` and `beforeTCP` throw.
    func run(
        _ load: Load, following: Int, cut: () throws -> Void, beforeTCP: () throws -> Void
    ) throws -> FallbackTimes
}

extension FallingBackClient {
    static func refusal(of load: Load) -> LabError {
        LabError(.usage, objection(to: load) ?? "this client can't load '\(load)'")
    }
}

/// Where a client runs and what it requests.
struct ClientSetting {
    /// The client's network namespace.
    let namespace: NetworkNamespace
    /// The server's address, IPv4 or IPv6.
    let serverAddress: String
    /// The directory that the server serves; what the client requests is put there.
    let root: String
    /// The server's certificate (PEM), for `ServerFiles.host`.
    let certificate: String
    /// The body that QUIC learns the path from: see `ServedContent.learningBytes`.
    let learningBytes: Int64
    /// A Python interpreter; for `CurlFallback` one that has pycurl with HTTP/3.
    let python: String
    /// A directory for the client's script and its log.
    let directory: String
    /// Time limit for one request or page.
    var limit = TimeSpan(nanoseconds: 60_000_000_000)
    let signals: SignalDescriptor

    /// The address as URLs and resolvers write it, IPv6 in brackets.
    var bracketedAddress: String { serverAddress.contains(":") ? "[\(serverAddress)]" : serverAddress }
}
