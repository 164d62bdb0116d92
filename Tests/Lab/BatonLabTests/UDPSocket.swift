// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator

/// A UDP socket in a network namespace.
final class UDPSocket: Sendable {
    let descriptor: Int32

    /// - Parameters:
    ///   - address: to bind to, IPv4 or IPv6.
    ///   - port: 0 for any.
    init(in namespace: NetworkNamespace, address: String, port: UInt16 = 0) throws {
        let family = address.contains(":") ? AF_INET6 : AF_INET
        descriptor = try namespace.perform { socket(family, Int32(SOCK_DGRAM.rawValue), 0) }
        guard descriptor >= 0 else { throw LinuxError(call: "socket(2)", subject: address) }
        try Self.withAddress(address, port) { pointer, length in
            guard bind(descriptor, pointer, length) == 0 else { throw LinuxError(call: "bind(2)", subject: address) }
        }
        // no test waits for ever
        var limit = timeval(tv_sec: Patience.seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        clinux_enable_timestamps(descriptor)
        var room: Int32 = 8 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(descriptor)
    }

    func connect(to address: String, port: UInt16) throws {
        try Self.withAddress(address, port) { pointer, length in
            guard Glibc.connect(descriptor, pointer, length) == 0 else {
                throw LinuxError(call: "connect(2)", subject: address)
            }
        }
    }

    /// Sends one datagram of so many bytes.
    func send(bytes: Int) {
        let payload = [UInt8](repeating: 0x5A, count: bytes)
        _ = Glibc.send(descriptor, payload, bytes, 0)
    }

    /// Receives one datagram; its size, or nil when none comes.
    func receive() -> Int? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count >= 0 ? count : nil
    }

    /// Sends the next datagram back to where it came from; false when none comes.
    func echo() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 2048)
        var peer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &peer) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                let count = recvfrom(descriptor, &buffer, buffer.count, 0, peer, &length)
                return count >= 0 && sendto(descriptor, buffer, count, 0, peer, length) == count
            }
        }
    }

    private static func withAddress(
        _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(text, "\(port)", &hints, &found) == 0, let found else {
            throw LinuxError(call: "getaddrinfo(3)", subject: text, errorNumber: EINVAL)
        }
        defer { freeaddrinfo(found) }
        try body(found.pointee.ai_addr, found.pointee.ai_addrlen)
    }
}

extension UDPSocket {
    /// Takes the next datagram and returns when the kernel received it (ns); nil when none comes within so many seconds.
    func arrival(within seconds: Int) -> Int64? {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let stamp = clinux_receive_timestamp(descriptor)
        return stamp >= 0 ? stamp : nil
    }
}
