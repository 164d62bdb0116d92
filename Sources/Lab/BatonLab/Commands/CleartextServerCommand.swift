// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Glibc
import PathEmulator

/// The TCP server without TLS, as a process of its own.
struct CleartextServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plain-server", abstract: "Serve bodies over TCP without TLS.",
        discussion: """
            A request is a line. `GET BYTES` is answered with that many bytes. `PUT BYTES` is followed by that many \
            bytes, and answered with the line `OK`. `FLOW` is answered with bytes until the client closes. More \
            requests may follow on the same connection. Prints a JSON line "ready", one for each connection that it \
            accepts, and one for each that failed. Ends on SIGTERM or SIGINT.
            """, shouldDisplay: false)

    /// Bytes given to the kernel at once.
    private static let chunk = 262_144
    /// Room for lines that nobody has read yet: 4000 connections.
    private static let outputRoom: Int32 = 1 << 20

    @Option(
        help: ArgumentHelp(
            "Where to listen; IPv6 in brackets. Port 0 lets the kernel choose.", valueName: "address:port"))
    var listen: SocketAddress

    func run() throws {
        let signals = try SignalDescriptor([SIGTERM, SIGINT])
        let listener = try TCPSocket(like: listen)
        try listener.listen(on: listen)
        // a full pipe would block this process, and with it a connection; the call fails where the output is no pipe
        _ = clinux_set_pipe_size(1, Self.outputRoom)
        try JSONLine.print(CleartextEvent("ready", port: listener.localAddress?.port ?? listen.port))

        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 4096)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 4096)
        defer {
            body.deallocate()
            buffer.deallocate()
        }
        body.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "."))
        RealTime.enterBelowEmulator()
        var sessions: [CleartextSession] = []
        while true {
            var descriptors = [signals.descriptor, listener.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            descriptors += sessions.map { pollfd(fd: $0.socket.descriptor, events: $0.events, revents: 0) }
            guard clinux_poll(&descriptors, UInt(descriptors.count), -1) >= 0 || errno == EINTR else {
                throw LinuxError(call: "ppoll(2)", subject: "\(sessions.count) connections")
            }
            if descriptors[0].revents != 0 { return }
            var remaining: [CleartextSession] = []
            for (session, descriptor) in zip(sessions, descriptors.dropFirst(2)) {
                if descriptor.revents == 0 || advance(session, body: body, buffer: buffer) {
                    remaining.append(session)
                }
            }
            sessions = remaining
            guard descriptors[1].revents != 0 else { continue }
            while let socket = try listener.accept() {
                // a client that has already gone has no address
                guard let peer = socket.peerAddress else { continue }
                let session = CleartextSession(socket, peer: peer)
                try announce(session)
                sessions.append(session)
            }
        }
    }

    /// Prints what the connection starts from, before anything is sent on it.
    private func announce(_ session: CleartextSession) throws {
        var state = clinux_tcp_state()
        guard clinux_read_tcp_state(session.socket.descriptor, &state) == 0 else {
            throw LinuxError(call: "getsockopt(TCP_INFO)", subject: "the connection from \(session.peer)")
        }
        JSONLine.write(CleartextAccepted(peer: session.peer, state: state).json)
    }

    /// - Returns: false once the connection is over.
    private func advance(
        _ session: CleartextSession, body: UnsafeMutableRawBufferPointer, buffer: UnsafeMutableRawBufferPointer
    ) -> Bool {
        do {
            try session.advance(body: UnsafeRawBufferPointer(body), buffer: buffer)
            return true
        } catch {
            guard case .failed(let reason) = error else { return false }
            try? JSONLine.print(CleartextEvent("error", message: "the connection from \(session.peer): \(reason)"))
            return false
        }
    }
}
