// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import PathEmulator

/// A numeric IPv4 or IPv6 address with a port.
struct SocketAddress: Sendable, CustomStringConvertible {
    /// `10.98.0.1`, `fd62:6174:6f6e::1`.
    let host: String
    /// 0…65535; 0 lets the kernel choose.
    let port: Int
    private let storage: sockaddr_storage
    private let length: socklen_t

    /// - Throws: `LabError` if the host is not a numeric address, or the port is out of range.
    init(host: String, port: Int) throws {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard (0...65535).contains(port), getaddrinfo(host, "\(port)", &hints, &found) == 0, let found else {
            throw LabError(
                .usage,
                "'\(host)' port \(port) is not an IPv4 or IPv6 address with a port of 0…65535; host names are not "
                    + "looked up")
        }
        defer { freeaddrinfo(found) }
        var storage = sockaddr_storage()
        memcpy(&storage, found.pointee.ai_addr, Int(found.pointee.ai_addrlen))
        self.storage = storage
        length = found.pointee.ai_addrlen
        self.host = host
        self.port = port
    }

    /// The address that a call such as accept(2) or getsockname(2) wrote.
    ///
    /// - Parameter call: receives the buffer to write to, and returns the call's result: -1 is a failure.
    /// - Returns: nil after a failure, with errno as the call left it.
    init?(_ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard call(address, &length) >= 0 else { return false }
                return getnameinfo(
                    address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0
            }
        }
        guard result else { return nil }
        self.storage = storage
        self.length = length
        self.host = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.port = Int(String(decoding: port.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? 0
    }

    /// AF_INET or AF_INET6.
    var family: Int32 { Int32(storage.ss_family) }

    /// The address with its port, IPv6 in brackets.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// For calls such as bind(2) and connect(2).
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

extension SocketAddress: ExpressibleByArgument {
    /// `ADDRESS:PORT`, IPv6 in brackets.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]) else {
            return nil
        }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard let address = try? SocketAddress(host: String(host), port: port) else { return nil }
        self = address
    }
}
