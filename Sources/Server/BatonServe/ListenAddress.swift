// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// An IP address and a port to listen on: `127.0.0.1:8443`, `[::1]:8443`, `[::]:443`, or `:443` for all addresses.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// An IPv4 or IPv6 address; `::` means all addresses of both families.
    public var address: String
    /// 0 lets the system choose.
    public var port: Int

    /// All addresses, port 443.
    public static let standard = ListenAddress(uncheckedAddress: "::", port: 443)

    /// Reads an address from text.
    ///
    /// - Throws: ``ServeError`` with code `address`.
    public init(_ text: String) throws(ServeError) {
        let colon = text.lastIndex(of: ":")
        guard let colon, let port = UInt16(text[text.index(after: colon)...]) else {
            throw Self.malformed(text)
        }
        var address = String(text[..<colon])
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = String(address.dropFirst().dropLast())
            guard address.contains(":") else { throw Self.malformed(text) }
        } else if address.contains(":") {
            throw Self.malformed(text)
        }
        try self.init(address: address.isEmpty ? "::" : address, port: Int(port))
    }

    /// An address and a port.
    ///
    /// - Throws: ``ServeError`` with code `address`.
    public init(address: String, port: Int) throws(ServeError) {
        guard (0...65_535).contains(port), (try? SocketAddress(ipAddress: address, port: port)) != nil else {
            throw Self.malformed("\(address):\(port)")
        }
        self.init(uncheckedAddress: address, port: port)
    }

    private init(uncheckedAddress address: String, port: Int) {
        self.address = address
        self.port = port
    }

    private static func malformed(_ text: String) -> ServeError {
        ServeError(
            code: .address,
            description: "can't listen on '\(text)': give an IP address and a port, such as 127.0.0.1:8443 or [::]:443")
    }

    /// The form that ``init(_:)`` reads.
    public var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    func socketAddress() throws(ServeError) -> SocketAddress {
        guard let result = try? SocketAddress(ipAddress: address, port: port) else { throw Self.malformed(description) }
        return result
    }
}
