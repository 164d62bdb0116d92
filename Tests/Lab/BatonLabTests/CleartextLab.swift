// SPDX-License-Identifier: Apache-2.0

import BatonLab
import Glibc
import PathEmulator
import Scenarios

/// Plain servers and clients on a path of their own, all taken down with the test.
struct CleartextLab {
    let session: LabSession
    let teardown: Teardown
    let signals: SignalDescriptor

    /// Runs `body` on a path with these options.
    static func around<Result>(_ options: [String], _ body: (CleartextLab) throws -> Result) throws -> Result {
        let session = try LabSession(options)
        let signals = try SignalDescriptor([])
        return try Teardown.around { try body(CleartextLab(session: session, teardown: $0, signals: signals)) }
    }

    /// Measures until the emulator says that it was in time, and the ends were too.
    ///
    /// - Parameter isInTime: whether the ends took no longer than they do with a core of their own. The emulator doesn't
    ///   vouch for them, and a stall of theirs only makes times longer.
    static func measure<Value>(
        _ options: [String], isInTime: (Value) -> Bool = { _ in true }, _ body: (CleartextLab) throws -> Value
    ) throws -> (value: Value, report: PathReport) {
        try Patience.measure {
            let (value, report) = try around(options) { lab in
                _ = try lab.session.takeReport()
                let value = try body(lab)
                return (value, try lab.session.takeReport())
            }
            if report.spoiled { return (nil, "the path emulator was late or lost packets: \(report)") }
            return isInTime(value) ? ((value, report), "") : (nil, "the ends were late: \(value)")
        }
    }

    private var log: String { "/run/baton-\(session.process)/plain.log" }

    /// A server at the path's end; 0 is IPv4, 1 is IPv6.
    func server(family: Int = 0) throws -> CleartextServer {
        try CleartextServer(
            address: session.ready.server_addresses[family], in: session.server, cgroup: nil, log: log,
            signals: signals, teardown)
    }

    /// A server on the client's own loopback device, where no path is between.
    func localServer() throws -> CleartextServer {
        try CleartextServer(
            address: "127.0.0.1", in: session.client, cgroup: nil, log: log, signals: signals, teardown)
    }

    /// A client of the path's server.
    func client(
        _ load: Load, family: Int = 0, warmUp: ByteCount? = nil, following: Int = 0
    ) throws -> CleartextClient {
        try CleartextClient(
            server: session.ready.server_addresses[family], load: load,
            from: [session.ready.client_addresses[family]], warmUp: warmUp, following: following, in: session.client,
            log: log, signals: signals, teardown)
    }

    /// A client of a server on the loopback device, which has all addresses of 127.0.0.0/8.
    func localClient(
        _ load: Load, from addresses: [String] = ["127.0.0.2"], port: Int = CleartextServer.port,
        timeout: String = "120s"
    ) throws -> CleartextClient {
        try CleartextClient(
            server: "127.0.0.1", port: port, load: load, from: addresses,
            timeout: TimeSpan(timeout) ?? TimeSpan(nanoseconds: 0), in: session.client, log: log, signals: signals,
            teardown)
    }

    /// A flow that competes.
    func flow() throws -> CompetingFlow {
        try CompetingFlow(
            server: session.ready.server_addresses[0], from: session.ready.client_addresses[0], in: session.client,
            log: log, signals: signals, teardown)
    }
}

extension CleartextClient {
    /// All its steps.
    func run() throws -> [CleartextResult] {
        try prepared()
        _ = try go()
        return try results()
    }
}

/// A TCP socket on the loopback device that speaks as the test wants it to.
final class LoopbackSocket {
    private let descriptor: Int32

    private init(_ descriptor: Int32) throws {
        guard descriptor >= 0 else { throw LinuxError(call: "socket(2)", subject: "the loopback device") }
        self.descriptor = descriptor
        // no test waits for ever
        var limit = timeval(tv_sec: Patience.seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// One that is connected to a port in the namespace.
    static func connected(to port: Int, in namespace: NetworkNamespace) throws -> LoopbackSocket {
        let socket = try LoopbackSocket(try namespace.perform { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) })
        try socket.call("connect(2)", port, Glibc.connect)
        return socket
    }

    /// One that listens at a port in the namespace.
    static func listening(at port: Int, in namespace: NetworkNamespace) throws -> LoopbackSocket {
        let socket = try LoopbackSocket(try namespace.perform { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) })
        try socket.call("bind(2)", port, Glibc.bind)
        listen(socket.descriptor, 8)
        return socket
    }

    func accept() throws -> LoopbackSocket { try LoopbackSocket(Glibc.accept(descriptor, nil, nil)) }

    func send(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Ends what it sends.
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// What comes until so many bytes are there, or the peer ends; nil if neither happens for so long that none will.
    func receive(_ bytes: Int = .max) -> String? {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while text.count < bytes {
            let count = recv(descriptor, &buffer, min(buffer.count, bytes - text.count), 0)
            // a reset is an end too
            guard count >= 0 || errno == ECONNRESET else { return nil }
            if count <= 0 { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func call(
        _ name: String, _ port: Int, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw LinuxError(call: name, subject: "127.0.0.1:\(port)") }
    }
}
