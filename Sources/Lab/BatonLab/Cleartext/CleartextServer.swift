// SPDX-License-Identifier: Apache-2.0

import Glibc
package import PathEmulator
import Scenarios

/// `baton-lab plain-server` in the server's namespace and cgroup.
package final class CleartextServer {
    package static let port = 4480

    private let process: ChildProcess
    private var events: [ServerEvent] = []
    private var failures: [String] = []

    /// Starts the server and waits until it is ready.
    ///
    /// - Parameters:
    ///   - address: to listen on, at ``port``.
    ///   - namespace: its network namespace.
    ///   - cgroup: its cgroup; nil for this process's own.
    ///   - log: the file that its standard error is appended to.
    /// - Throws: `LabError` with the end of its log if it does not become ready, `Interruption` at a signal.
    package init(
        address: String, in namespace: NetworkNamespace, cgroup: Cgroup?, log: String, signals: SignalDescriptor,
        _ teardown: Teardown
    ) throws {
        let listen = try SocketAddress(host: address, port: Self.port)
        let process = try ChildProcess(
            "plain-server", [Executable.path, "plain-server", "--listen", "\(listen)"], in: namespace, cgroup: cgroup,
            diagnostics: .log(log))
        teardown.add("plain-server") { process.stop() }
        guard let line = try process.nextLine(within: TimeSpan(nanoseconds: 20_000_000_000), signals: signals) else {
            throw LabError("`plain-server` ended with status \(process.stop())\(process.logTail)")
        }
        let ready = try JSONLine.decode(CleartextEvent.self, from: line, of: process.name)
        guard ready.event == "ready" else { throw LabError("`plain-server` reported \(line) instead of 'ready'") }
        self.process = process
    }

    /// The server's line about the last connection that it accepted from this address and port.
    ///
    /// - Throws: `LabError` if it accepted none.
    package func accepted(from address: String, port: Int) throws -> ServerEvent {
        try takeLines()
        let found = events.last { $0.event == "accepted" && $0.remoteAddress == address && $0.remotePort == port }
        guard let found else {
            throw LabError("`plain-server` reported no connection from \(address) port \(port)\(process.logTail)")
        }
        return found
    }

    /// The connections that it accepted since the last call, in order.
    package func takeAccepted() throws -> [ServerEvent] {
        try takeLines()
        defer { events = [] }
        return events.filter { $0.event == "accepted" }
    }

    /// Ends it.
    ///
    /// - Returns: its exit status, or 128 + the signal that ended it.
    @discardableResult
    package func stop() -> Int32 { process.stop() }

    /// Why connections failed since the last call: bad requests, clients that went away.
    package func takeFailures() throws -> [String] {
        try takeLines()
        defer { failures = [] }
        return failures
    }

    private func takeLines() throws {
        for line in process.linesSoFar() {
            let event = try JSONLine.decode(ServerEvent.self, from: line, of: process.name)
            events.append(event)
            if event.event == "error" {
                failures.append(try JSONLine.decode(CleartextEvent.self, from: line, of: process.name).message ?? line)
            }
        }
    }
}
