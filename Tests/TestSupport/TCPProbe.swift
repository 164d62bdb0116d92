// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Opens TCP connections in a test bed (tcp_probe.py).
package final class TCPProbe {
    /// What TCP_INFO says of a socket.
    package struct Info: Decodable, Sendable, Equatable {
        package var mss: UInt64
        package var ssthresh: UInt64
        package var cwnd: UInt64
        /// Receive window that the other end advertised, bytes.
        package var peerWindow: UInt64
        package var control: String
        /// `nil`: unlimited.
        package var maxPacingRate: UInt64?
        /// Segments that are not acknowledged yet.
        package var inFlight: UInt64

        package static let infiniteSSThresh: UInt64 = 0x7fff_ffff
    }

    /// Both ends of a connection.
    package struct Ends: Decodable, Sendable {
        package var client: Info
        package var server: Info
    }

    package struct Transfer: Decodable, Sendable {
        package var sender: Info
        package var largestCwnd: UInt64
    }

    /// Which end's socket lies in the cgroup that the handover is attached to.
    package enum Side: Sendable, CaseIterable {
        /// The listener: its accepted sockets are passive.
        case passive
        /// The client.
        case active
    }

    let bed: TestBed
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    package init(_ bed: TestBed) throws {
        self.bed = bed
        let script = Machine.packageDirectory.appending(path: "Tests/TestSupport/tcp_probe.py")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Ends the process and with it all its connections.
    package func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Listens on the server side.
    ///
    /// - Returns: the port.
    @discardableResult
    package func listen(
        _ name: String = "listener", on address: String = "10.77.0.1", control: String = "cubic", side: Side = .passive
    ) throws -> Int {
        struct Answer: Decodable { var port: Int }
        let answer: Answer = try ask([
            "do": "listen", "name": name, "address": address, "control": control,
            "namespace": bed.serverNamespace, "cgroup": side == .passive ? bed.cgroup : bed.otherCgroup,
        ])
        return answer.port
    }

    /// Connects from the client side.
    package func connect(
        _ name: String = "connection", from address: String = "10.77.0.2", to listener: String = "listener",
        control: String = "cubic", side: Side = .passive
    ) throws -> Ends {
        try ask([
            "do": "connect", "name": name, "listener": listener, "address": address, "control": control,
            "namespace": bed.clientNamespace, "cgroup": side == .active ? bed.cgroup : bed.otherCgroup,
        ])
    }

    /// Sends bytes from one end (`NAME.server`) to the other.
    package func transfer(bytes: Int, from sender: String, to receiver: String) throws -> Transfer {
        try ask(["do": "transfer", "from": sender, "to": receiver, "bytes": bytes])
    }

    /// What the kernel says of one end (`NAME.server`) now.
    package func info(_ end: String) throws -> Info { try ask(["do": "look", "end": end]) }

    /// Changes the congestion control of one end, as an application does.
    package func setControl(_ control: String, of end: String) throws -> Info {
        try ask(["do": "change", "end": end, "control": control])
    }

    /// Disconnects a client's socket, and connects it to a listener.
    ///
    /// - Returns: what the kernel says of it between the two, and afterwards.
    package func reconnect(_ end: String, to listener: String) throws -> (closed: Info, connected: Info) {
        struct Answer: Decodable { var closed: Info, connected: Info }
        let answer: Answer = try ask([
            "do": "reconnect", "end": end, "listener": listener, "namespace": bed.clientNamespace, "cgroup": bed.cgroup,
        ])
        return (answer.closed, answer.connected)
    }

    package func close(_ name: String = "connection") throws {
        struct Answer: Decodable {}
        let _: Answer = try ask(["do": "close", "name": name])
    }

    /// Sends at most so many bytes from one end: what its socket takes at once, and nobody reads.
    ///
    /// - Returns: what the kernel says of that end then.
    package func begin(bytes: Int, from sender: String) throws -> Info {
        try ask(["do": "begin", "from": sender, "bytes": bytes])
    }

    /// Opens and closes many connections.
    ///
    /// - Parameter bytes: how many each server end sends, and its client reads.
    /// - Returns: how many server ends began with which window.
    package func churn(count: Int, from address: String = "10.77.0.2", bytes: Int = 0) throws -> [String: Int] {
        struct Answer: Decodable { var windows: [String: Int] }
        let answer: Answer = try ask([
            "do": "churn", "listener": "listener", "address": address, "count": count, "bytes": bytes,
            "namespace": bed.clientNamespace, "cgroup": bed.otherCgroup,
        ])
        return answer.windows
    }

    private struct Failure: Decodable, Error, CustomStringConvertible {
        var error: String
        var description: String { error }
    }

    private func ask<Answer: Decodable>(_ request: [String: Any]) throws -> Answer {
        try post(request)
        return try answer()
    }

    func post(_ request: [String: Any]) throws {
        var line = try JSONSerialization.data(withJSONObject: request)
        line.append(UInt8(ascii: "\n"))
        try input.fileHandleForWriting.write(contentsOf: line)
    }

    /// The answer to the oldest request that wasn't answered yet.
    func answer<Answer: Decodable>() throws -> Answer {
        while !buffer.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Failure(error: "tcp_probe.py ended") }
            buffer.append(more)
        }
        let end = buffer.firstIndex(of: UInt8(ascii: "\n"))!
        let answer = buffer[..<end]
        buffer = Data(buffer[buffer.index(after: end)...])
        if let failure = try? JSONDecoder().decode(Failure.self, from: answer) { throw failure }
        return try JSONDecoder().decode(Answer.self, from: answer)
    }
}
