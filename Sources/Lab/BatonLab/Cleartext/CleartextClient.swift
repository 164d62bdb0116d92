// SPDX-License-Identifier: Apache-2.0

import Glibc
package import PathEmulator
package import Scenarios

/// `baton-lab plain-client` in the client's namespace: prepared first, then started when the caller says so.
package final class CleartextClient {
    private let process: ChildProcess
    private let signals: SignalDescriptor
    private let connections: Int
    private let patience: TimeSpan

    /// Starts the process; it connects at ``go()``.
    ///
    /// - Parameters:
    ///   - server: the server's address.
    ///   - addresses: the client's own addresses; one connection each, all at once.
    ///   - warmUp: what each connection transfers before it is measured, in the load's direction; nil: nothing.
    ///   - following: new connections after the first, one after the other, for each address.
    ///   - timeout: time limit for connecting and for each request.
    ///   - namespace: its network namespace.
    ///   - log: the file that its standard error is appended to.
    package init(
        server: String, port: Int = CleartextServer.port, load: Load, from addresses: [String],
        warmUp: ByteCount? = nil, following: Int = 0, timeout: TimeSpan = TimeSpan(nanoseconds: 60_000_000_000),
        in namespace: NetworkNamespace, log: String, signals: SignalDescriptor, _ teardown: Teardown
    ) throws {
        var command = [
            Executable.path, "plain-client", "\(try SocketAddress(host: server, port: port))", "--load", "\(load)",
            "--from", addresses.joined(separator: ","), "--following", "\(following)", "--timeout", "\(timeout)",
            "--wait",
        ]
        if let warmUp {
            command += ["--warm-up", "\(warmUp.bytes)"]
        }
        let process = try ChildProcess("plain-client", command, in: namespace, diagnostics: .log(log))
        teardown.add("plain-client") { process.stop() }
        self.process = process
        self.signals = signals
        connections = addresses.count
        // each request has the timeout; a warm-up has at most ten
        let requests = Int64(2 + following + (warmUp == nil ? 0 : 10))
        patience = TimeSpan(nanoseconds: 10_000_000_000 + requests * timeout.nanoseconds)
    }

    /// Waits until its sockets exist, and are warm if that was requested.
    ///
    /// - Throws: `LabError` with the client's message if that fails, `Interruption` at a signal.
    package func prepared() throws {
        _ = try next("prepared", within: patience)
    }

    /// Lets it connect.
    ///
    /// - Returns: the moment just before connect(), on CLOCK_MONOTONIC (ns).
    package func go() throws -> Int64 {
        process.write("\n")
        let event = try next("connecting", within: TimeSpan(nanoseconds: 20_000_000_000))
        guard let moment = event.monotonicNanoseconds else {
            throw LabError("plain-client did not report when it connects")
        }
        return moment
    }

    /// Waits for the last byte.
    ///
    /// - Returns: one result for each address, in their order.
    /// - Throws: `LabError` with the client's message if a connection failed, `Interruption` at a signal.
    package func results() throws -> [CleartextResult] {
        var results: [CleartextResult] = []
        while results.count < connections {
            let line = try nextLine(within: patience)
            let event = try JSONLine.decode(CleartextEvent.self, from: line, of: process.name)
            try refuse(event, unless: "done")
            results.append(try JSONLine.decode(CleartextResult.self, from: line, of: process.name))
        }
        return results
    }

    private func next(_ event: String, within limit: TimeSpan) throws -> CleartextEvent {
        let found = try JSONLine.decode(CleartextEvent.self, from: try nextLine(within: limit), of: process.name)
        try refuse(found, unless: event)
        return found
    }

    private func nextLine(within limit: TimeSpan) throws -> String {
        guard let line = try process.nextLine(within: limit, signals: signals) else {
            throw LabError("plain-client ended with status \(process.stop())\(process.logTail)")
        }
        return line
    }

    private func refuse(_ found: CleartextEvent, unless event: String) throws {
        guard found.event == event else {
            throw LabError("plain-client: \(found.message ?? "reported '\(found.event)' instead of '\(event)'")")
        }
    }
}
