// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator
import Scenarios

/// One connection of plain-client, and the times of its requests.
struct CleartextConnection: ~Copyable {
    /// Two moments of a response, on CLOCK_MONOTONIC (ns).
    struct Times {
        var first: Int64 = 0
        var last: Int64 = 0
    }

    private static let chunk = 262_144

    let server: SocketAddress
    let limit: TimeSpan
    private let socket: TCPSocket
    private let buffer: UnsafeMutableRawBufferPointer
    private var deadline: Int64 = .max
    /// When connect() was called (ns).
    private(set) var begin: Int64 = 0

    /// Creates the socket without connecting it.
    ///
    /// - Parameters:
    ///   - local: the address to connect from; nil lets the kernel choose.
    ///   - limit: time limit for connecting and for each request.
    /// - Throws: `LinuxError` if the namespace doesn't have the address.
    init(to server: SocketAddress, from local: SocketAddress?, limit: TimeSpan) throws {
        self.server = server
        self.limit = limit
        let socket = try TCPSocket(like: server)
        if let local {
            try socket.bind(to: local)
        }
        self.socket = socket
        buffer = .allocate(byteCount: Self.chunk, alignment: 4096)
        // touched now, so that no page fault is timed
        buffer.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "."))
    }

    deinit {
        buffer.deallocate()
    }

    /// Its local address, known once it is bound or connected.
    var localAddress: SocketAddress? { socket.localAddress }

    /// Connects.
    ///
    /// - Throws: `LabError` if the server refuses, or on a timeout.
    mutating func connect() throws {
        begin = MonotonicClock.now()
        deadline = begin + limit.nanoseconds
        var failure = socket.connect(to: server)
        if failure == 0 {
            try wait(for: POLLOUT)
            failure = socket.failure
        }
        guard failure == 0 else { throw self.failure("connect to", failure) }
    }

    /// Makes one request and receives its response to the last byte.
    ///
    /// - Throws: `LabError` if it breaks off, or has another number of bytes than requested.
    mutating func transfer(_ load: Load) throws -> Times {
        deadline = MonotonicClock.now() + limit.nanoseconds
        switch load {
        case .body(let size):
            try request("GET \(size.bytes)")
            return try receive(size.bytes, of: "the body")
        case .upload(let size):
            try request("PUT \(size.bytes)")
            try sendBody(of: size.bytes)
            let times = try receive(3, of: "the answer to an upload")
            guard buffer.prefix(3).elementsEqual("OK\n".utf8) else {
                throw LabError("the server at \(server) did not answer the upload with OK")
            }
            return times
        case .page: throw LabError(.usage, "a page is for a browser; plain-client transfers a body or an upload")
        }
    }

    /// Requests bytes without end.
    mutating func requestFlow() throws {
        deadline = MonotonicClock.now() + limit.nanoseconds
        try request("FLOW")
    }

    /// Receives what has arrived of an endless flow, or 0, without waiting.
    func receiveFlow() throws -> Int {
        switch socket.receive(into: buffer) {
        case .later: return 0
        case .failed(let number): throw failure("receive from", number)
        case .bytes(0): throw LabError("the server at \(server) ended the flow")
        case .bytes(let count): return count
        }
    }

    /// The descriptor, for waiting on several at once.
    var descriptor: Int32 { socket.descriptor }

    private func request(_ line: String) throws {
        let bytes = Array("\(line)\n".utf8)
        var sent = 0
        while sent < bytes.count {
            sent += try bytes[sent...].withUnsafeBytes { try send($0) }
        }
    }

    private func sendBody(of bytes: Int64) throws {
        var left = bytes
        while left > 0 {
            let part = UnsafeRawBufferPointer(rebasing: buffer.prefix(Int(min(left, Int64(buffer.count)))))
            left -= Int64(try send(part))
        }
    }

    /// Sends at least one byte.
    ///
    /// - Returns: how many.
    private func send(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        while true {
            switch socket.send(bytes) {
            case .bytes(let count): return count
            case .later: try wait(for: POLLOUT)
            case .failed(let number): throw failure("send to", number)
            }
        }
    }

    private func receive(_ bytes: Int64, of what: String) throws -> Times {
        var times = Times()
        var received: Int64 = 0
        while received < bytes {
            // waits first: the response is a round trip away
            try wait(for: POLLIN)
            let transfer = socket.receive(into: buffer)
            let now = MonotonicClock.now()
            switch transfer {
            case .later: continue
            case .failed(let number): throw failure("receive \(what) after \(received) of \(bytes) bytes from", number)
            case .bytes(0):
                throw LabError("the server at \(server) ended \(what) after \(received) of \(bytes) bytes")
            case .bytes(let count):
                if received == 0 {
                    times.first = now
                }
                received += Int64(count)
                times.last = now
            }
        }
        guard received == bytes else {
            throw LabError("the server at \(server) sent \(received) bytes of \(what) instead of \(bytes)")
        }
        return times
    }

    private func wait(for events: Int32) throws {
        var descriptor = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
        while true {
            let ready = clinux_poll(&descriptor, 1, max(0, deadline - MonotonicClock.now()))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw LinuxError(call: "ppoll(2)", subject: "\(server)") }
            guard MonotonicClock.now() < deadline else {
                throw LabError(
                    "the server at \(server) did not answer within \(limit); check whether the path carries packets")
            }
        }
    }

    private func failure(_ action: String, _ number: Int32) -> LabError {
        let advice = number == ECONNREFUSED ? "; check whether `baton-lab plain-server` listens there" : ""
        let reason = String(cString: strerror(number))
        return LabError("could not \(action) the server at \(server): \(reason) (errno \(number))\(advice)")
    }
}
