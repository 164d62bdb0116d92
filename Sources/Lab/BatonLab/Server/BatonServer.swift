// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator
import Scenarios

/// `baton serve` in the server's namespace and cgroup, and `baton get` and `baton watch` for its state.
struct BatonServer {
    static let port = 4433

    private let process: ChildProcess
    private let watch: ChildProcess?
    private let baton: String
    private let pins: String
    private let command: Command
    private let log: String

    /// Starts the server and waits until it is ready.
    ///
    /// - Parameters:
    ///   - address: to listen on.
    ///   - handover: options of the handover; `nil`: none takes place.
    /// - Throws: `LabError` with the end of the server's log if it does not become ready.
    init(
        baton: String, files: ServerFiles, address: String, handover: [String]?, idleTimeout: TimeSpan,
        in testbed: Testbed, number: Int, _ teardown: Teardown
    ) throws {
        let patience = TimeSpan(nanoseconds: 20_000_000_000)
        let signals = testbed.command.signals
        self.baton = baton
        log = "\(testbed.directory.path)/server-\(number).log"
        command = testbed.command
        // a directory for each run: a record left by one must not affect the next
        pins = "\(testbed.directory.pins)/\(number)"
        let listen = address.contains(":") ? "[\(address)]" : address
        var arguments = [
            baton, "serve", "--root", files.root, "--certificate", files.certificate, "--key", files.key,
            "--listen", "\(listen):\(Self.port)", "--idle-timeout", idleTimeout.description,
            "--pin-directory", pins, "--cgroup", testbed.cgroup.path, "--json",
        ]
        let isHandoverOn = handover != nil
        arguments += handover ?? ["--no-handover"]
        let process = try ChildProcess(
            "baton serve", arguments, in: testbed.server.namespace, cgroup: testbed.cgroup, diagnostics: .log(log)
        )
        teardown.add("baton serve") { process.stop() }
        self.process = process
        guard let line = try process.nextLine(within: patience, signals: signals) else {
            throw LabError("`baton serve` ended with status \(process.stop())\(process.logTail)")
        }
        let ready = try JSONLine.decode(ServerEvent.self, from: line, of: process.name)
        guard ready.event == "ready", ready.handover ?? isHandoverOn == isHandoverOn else {
            throw LabError(
                .unavailable,
                "`baton serve` runs without handover; `\(baton) check` says why: \(line)\(process.logTail)")
        }
        guard isHandoverOn else {
            watch = nil
            return
        }
        let watch = try ChildProcess(
            "baton watch", [baton, "watch", "--pin-directory", pins, "--json"], diagnostics: .log(log))
        teardown.add("baton watch") { watch.stop() }
        self.watch = watch
    }

    /// What is saved for a client's address.
    func sample(of address: String) throws -> SavedSample {
        let line = try command.run(
            [baton, "get", address, "--pin-directory", pins, "--json"], diagnostics: .log(log))
        return try JSONLine.decode(SavedSample.self, from: line, of: "baton get")
    }

    /// The server's line about the last TCP connection that it accepted from an address.
    func accepted(from address: String) throws -> ServerEvent {
        let events = try process.linesSoFar().map { try JSONLine.decode(ServerEvent.self, from: $0, of: process.name) }
        guard let event = events.last(where: { $0.event == "accepted" && Self.matches($0.remoteAddress, address) })
        else {
            throw LabError(
                "`baton serve` reported no TCP connection from \(address)\(process.logTail)")
        }
        return event
    }

    /// The kernel program's decision for a connection that the server accepted, nil if it reported none, and the phases
    /// of Careful Resume that the connection went through. Each event is returned by one call only.
    func decision(for accepted: ServerEvent) throws -> (decision: DecisionLine?, phases: [PhaseLine]) {
        let events = try watchEvents()
        return (
            events.compactMap(\.decision).last { $0.remotePort == accepted.remotePort },
            events.compactMap(\.phase).filter { $0.remotePort == accepted.remotePort }
        )
    }

    /// The server's line about a TCP connection that it accepted from an address and port; nil: it accepted none.
    ///
    /// - Parameter port: the client's port; nil: that of the first connection.
    func accepted(from address: String, port: Int?) throws -> ServerEvent? {
        let events = try process.linesSoFar().map { try JSONLine.decode(ServerEvent.self, from: $0, of: process.name) }
        return events.first {
            $0.event == "accepted" && Self.matches($0.remoteAddress, address) && (port == nil || $0.remotePort == port)
        }
    }

    /// Discards the lines about connections accepted so far.
    func forgetAccepted() {
        _ = process.linesSoFar()
    }

    /// The kernel program's decisions since the last call; none without handover.
    func decisions() throws -> [DecisionLine] { try watchEvents().compactMap(\.decision) }

    private func watchEvents() throws -> [WatchEvent] {
        try watch?.linesSoFar().map { try JSONLine.decode(WatchEvent.self, from: $0, of: "baton watch") } ?? []
    }

    /// Whether both are the same endpoint; IPv4 addresses may be written as IPv6 ones.
    private static func matches(_ found: String?, _ address: String) -> Bool {
        found == address || found == "::ffff:\(address)"
    }
}
