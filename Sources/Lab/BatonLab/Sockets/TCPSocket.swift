// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator

/// A TCP socket that never waits within a call, with TCP_NODELAY; closed at its end.
struct TCPSocket: ~Copyable {
    /// What a call that moves bytes did.
    enum Transfer: Equatable {
        /// So many bytes went; when receiving, 0 is the end of what the peer sends.
        case bytes(Int)
        /// Nothing can be moved now.
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

    /// A socket for connections from and to addresses of this one's family.
    ///
    /// - Throws: `LinuxError` if the kernel has no room for it.
    init(like address: SocketAddress) throws {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw LinuxError(call: "socket(2)", subject: "TCP for \(address)") }
        self.init(descriptor: descriptor)
    }

    /// Takes an address of its own.
    ///
    /// - Throws: `LinuxError` if the namespace hasn't this address, or the port is in use.
    func bind(to address: SocketAddress) throws {
        guard address.withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw LinuxError(call: "bind(2)", subject: "\(address)")
        }
    }

    /// Takes an address and waits for connections there.
    func listen(on address: SocketAddress) throws {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        try bind(to: address)
        guard Glibc.listen(descriptor, 1024) == 0 else { throw LinuxError(call: "listen(2)", subject: "\(address)") }
    }

    /// The next connection that waits; nil if none waits.
    func accept() throws -> TCPSocket? {
        let accepted = clinux_accept(descriptor)
        guard accepted >= 0 else {
            // a peer that went away while it waited is no connection
            if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
            throw LinuxError(call: "accept4(2)", subject: "the listening socket")
        }
        return TCPSocket(descriptor: accepted)
    }

    /// Begins to connect. Done when the socket is writable; ``failure`` says then whether it failed.
    ///
    /// - Returns: errno, or 0.
    func connect(to address: SocketAddress) -> Int32 {
        if address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 { return 0 }
        return errno == EINPROGRESS ? 0 : errno
    }

    /// SO_ERROR: why the connection failed; 0 if it has not. Asking clears it.
    var failure: Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) == 0 ? value : errno
    }

    /// Its own address; nil if it has none.
    var localAddress: SocketAddress? { SocketAddress { getsockname(descriptor, $0, $1) } }

    /// The peer's address; nil if it is connected no more.
    var peerAddress: SocketAddress? { SocketAddress { getpeername(descriptor, $0, $1) } }

    /// Gives the kernel what it has room for.
    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        transfer { Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Takes what has come.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        transfer { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    private func transfer(_ call: () -> Int) -> Transfer {
        let count = call()
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .later : .failed(errno)
    }
}
