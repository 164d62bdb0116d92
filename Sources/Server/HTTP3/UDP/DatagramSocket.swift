// SPDX-License-Identifier: Apache-2.0

import CNgtcp2
import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// A bound, non-blocking UDP socket with the options that QUIC needs.
struct DatagramSocket {
    let descriptor: CInt
    /// The address it is bound to, with the port that the system chose.
    let address: SocketAddress

    /// Binds a socket.
    ///
    /// It asks for large buffers, since each datagram that finds no room must be retransmitted. Datagrams must not be
    /// fragmented (RFC 9000, section 14). QUIC discovers the path MTU itself, so the kernel's value is ignored.
    init(bindingTo address: SocketAddress) throws(HTTP3Error) {
        let family: CInt
        switch address {
        case .v4: family = AF_INET
        case .v6: family = AF_INET6
        case .unixDomainSocket:
            throw HTTP3Error(code: .bind, description: "\(address): QUIC needs an IPv4 or IPv6 address")
        }
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else {
            throw HTTP3Error(code: .system, errno: errno, description: "socket: \(String(cString: strerror(errno)))")
        }
        Self.set(descriptor, SOL_SOCKET, SO_RCVBUF, 4 << 20)
        Self.set(descriptor, SOL_SOCKET, SO_SNDBUF, 4 << 20)
        Self.set(descriptor, CInt(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        if family == AF_INET6 {
            Self.set(descriptor, CInt(IPPROTO_IPV6), IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
        }
        var bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        if bound == 0 {
            bound = withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
            }
        }
        guard bound == 0 else {
            let error = errno
            close(descriptor)
            throw HTTP3Error(
                code: .bind, errno: error, description: "bind UDP \(address): \(String(cString: strerror(error)))")
        }
        let actual = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                SocketAddress(ngtcp2_addr(addr: $0, addrlen: ngtcp2_socklen(length)))
            }
        }
        self.descriptor = descriptor
        self.address = actual ?? address
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        // The socket works without an option that the kernel refuses.
        _ = setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}

/// Closes a bound socket that was never used.
final class SocketOwner: Sendable {
    let address: SocketAddress
    private let socket: NIOLockedValueBox<DatagramSocket?>

    init(_ socket: DatagramSocket) {
        address = socket.address
        self.socket = NIOLockedValueBox(socket)
    }

    /// Returns the socket, once; its caller then owns it.
    func take() -> DatagramSocket? {
        socket.withLockedValue { socket in
            defer { socket = nil }
            return socket
        }
    }

    deinit {
        if let socket = take() { close(socket.descriptor) }
    }
}
