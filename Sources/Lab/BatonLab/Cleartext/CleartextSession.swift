// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// One connection of plain-server, and the progress of its request.
final class CleartextSession {
    /// Why a connection is over.
    enum End: Error {
        /// The client closed it between two requests, or went away from an endless flow.
        case closed
        /// What went wrong.
        case failed(String)
    }

    /// The longest request line: `GET` and nineteen digits fit.
    private static let longestLine = 32
    /// Calls of send(2) in a row: on a fast path, one connection must not starve the others.
    private static let sendsInARow = 8

    let socket: TCPSocket
    let peer: SocketAddress
    /// What was received and not yet parsed.
    private var input: [UInt8] = []
    /// What is sent before the body.
    private var reply: [UInt8] = []
    private var bodyToSend: Int64 = 0
    private var bodyToReceive: Int64 = 0
    private var isEndless = false

    init(_ socket: consuming TCPSocket, peer: SocketAddress) {
        self.socket = socket
        self.peer = peer
    }

    /// What to poll for: room to send while there is something to send, else something to receive.
    var events: Int16 { Int16(isSending ? POLLOUT : POLLIN) }

    private var isSending: Bool { isEndless || bodyToSend > 0 || !reply.isEmpty }

    /// Sends and receives as much as the socket allows.
    ///
    /// - Parameters:
    ///   - body: the bytes of all bodies, sent repeatedly.
    ///   - buffer: the buffer to receive into.
    func advance(body: UnsafeRawBufferPointer, buffer: UnsafeMutableRawBufferPointer) throws(End) {
        if !isSending {
            try receive(into: buffer)
        }
        for _ in 0..<Self.sendsInARow where isSending {
            guard try send(body) else { return }
            try takeInput()
        }
    }

    /// - Returns: false when the socket's buffer is full.
    private func send(_ body: UnsafeRawBufferPointer) throws(End) -> Bool {
        let sent =
            if reply.isEmpty {
                socket.send(UnsafeRawBufferPointer(rebasing: body.prefix(isEndless ? body.count : Int(bodyToSend))))
            } else {
                reply.withUnsafeBytes { socket.send($0) }
            }
        switch sent {
        case .later: return false
        case .failed(let number):
            guard !isEndless else { throw .closed }
            throw .failed("\(bodyToSend) bytes were not sent: \(String(cString: strerror(number)))")
        case .bytes(let count) where !reply.isEmpty: reply.removeFirst(count)
        case .bytes(let count): bodyToSend -= isEndless ? 0 : Int64(count)
        }
        return true
    }

    private func receive(into buffer: UnsafeMutableRawBufferPointer) throws(End) {
        switch socket.receive(into: buffer) {
        case .later: return
        case .failed(let number): throw .failed(String(cString: strerror(number)))
        case .bytes(0):
            guard bodyToReceive == 0, input.isEmpty else {
                throw .failed("it ended in the middle of a request, with \(bodyToReceive) bytes of a body missing")
            }
            throw .closed
        case .bytes(let count):
            let ofBody = min(Int64(count), bodyToReceive)
            input += buffer[Int(ofBody)..<count]
            bodyToReceive -= ofBody
            if ofBody > 0, bodyToReceive == 0 {
                reply = Array("OK\n".utf8)
            }
            try takeInput()
        }
    }

    /// Parses the next request once the previous one is done.
    private func takeInput() throws(End) {
        guard !isSending, bodyToReceive == 0 else { return }
        guard let end = input.firstIndex(of: UInt8(ascii: "\n")) else {
            guard input.count <= Self.longestLine else { throw bad(input) }
            return
        }
        let line = Array(input[..<end])
        input.removeSubrange(...end)
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        switch (words.first, words.count == 2 ? Int64(words[1]) : nil) {
        case ("FLOW", _) where words.count == 1: isEndless = true
        case ("GET", let bytes?) where bytes > 0: bodyToSend = bytes
        case ("PUT", let bytes?) where bytes > 0:
            let here = min(bytes, Int64(input.count))
            input.removeFirst(Int(here))
            bodyToReceive = bytes - here
            if bodyToReceive == 0 {
                reply = Array("OK\n".utf8)
            }
        default: throw bad(line)
        }
    }

    private func bad(_ line: [UInt8]) -> End {
        .failed(
            "'\(String(decoding: line.prefix(Self.longestLine), as: UTF8.self))' is not a request; expected GET BYTES, "
                + "PUT BYTES (1…) or FLOW")
    }
}
