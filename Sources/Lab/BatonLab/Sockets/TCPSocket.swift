// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator

/// A non-blocking TCP socket with TCP_NODELAY. It is closed when this value is dropped.
struct TCPSocket: ~Copyable {
    /// The result of sending or receiving.
    enum Transfer: Equatable {
        /// This many bytes were transferred; when receiving, 0 is the end of the peer's data.
        case bytes(Int)
        /// Nothing can be transferred now (EAGAIN).
        case later
        /// errno.
        case failed(Int32)
    }

    let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(descriptor)
    }

    /// A socket for connections from and to addresses of the same family.
    ///
    /// - Throws: `LinuxError` if the kernel can't create it.
    init(like address: SocketAddress) throws {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw LinuxError(call: "socket(2)", subject: "TCP for \(address)") }
        self.init(descriptor: descriptor)
    }

    /// Binds it to a local address.
    ///
    /// - Throws: `LinuxError` if the namespace doesn't have this address, or the port is in use.
    func bind(to address: SocketAddress) throws {
        guard address.withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw LinuxError(call: "bind(2)", subject: "\(address)")
        }
    }

    /// Binds it to a local address and listens there.
    func listen(on address: SocketAddress) throws {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        try bind(to: address)
        guard Glibc.listen(descriptor, 1024) == 0 else { throw LinuxError(call: "listen(2)", subject: "\(address)") }
    }

    /// The next pending connection; nil if there is none.
    func accept() throws -> TCPSocket? {
        let accepted = clinux_accept(descriptor)
        guard accepted >= 0 else {
            // a peer that went away while it was pending does not count
            if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
            throw LinuxError(call: "accept4(2)", subject: "the listening socket")
        }
        return TCPSocket(descriptor: accepted)
    }

    /// Starts to connect. It is done when the socket is writable; ``failure`` then says whether it failed.
    ///
    /// - Returns: errno, or 0.
    func connect(to address: SocketAddress) -> Int32 {
        if address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 { return 0 }
        return errno == EINPROGRESS ? 0 : errno
    }

    /// SO_ERROR: why the connection failed; 0 if it has not failed. Reading it clears it.
    var failure: Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) == 0 ? value : errno
    }

    /// Its own address; nil if it has none.
    var localAddress: SocketAddress? { SocketAddress { getsockname(descriptor, $0, $1) } }

    /// The peer's address; nil if it is no longer connected.
    var peerAddress: SocketAddress? { SocketAddress { getpeername(descriptor, $0, $1) } }

    /// Sends as much as the kernel's buffer takes.
    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        transfer { Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Receives what has arrived.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        transfer { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    private func transfer(_ call: () -> Int) -> Transfer {
        let count = call()
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .later : .failed(errno)
    }
}
