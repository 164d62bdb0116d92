// SPDX-License-Identifier: Apache-2.0

public import BatonShared
internal import Glibc

extension RemoteEndpoint: LosslessStringConvertible {
    /// Reads an address: `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`.
    ///
    /// - Returns: `nil` if `text` is no address.
    public init?(_ text: String) {
        var ipv4 = in_addr()
        if inet_pton(AF_INET, text, &ipv4) == 1 {
            self.init(ipv4: ipv4.s_addr)
            return
        }
        var ipv6 = in6_addr()
        guard inet_pton(AF_INET6, text, &ipv6) == 1 else { return nil }
        self = withUnsafeBytes(of: &ipv6) { $0.loadUnaligned(as: RemoteEndpoint.self) }
    }

    /// An address from its bytes.
    ///
    /// - Parameter bytes: the sixteen bytes of an IPv6 address in network order; an IPv4 address as `::ffff:a.b.c.d`.
    /// - Returns: `nil` for another number of bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 16 else { return nil }
        self = bytes.withUnsafeBytes { $0.loadUnaligned(as: RemoteEndpoint.self) }
    }

    /// Whether this is an IPv4 address.
    public var isIPv4: Bool { word0 == 0 && word1 == 0 && word2 == UInt32(0xffff).bigEndian }

    /// The address as text, an IPv4 address as `192.0.2.1`.
    public var description: String {
        var buffer = [CChar](repeating: 0, count: 64)
        if isIPv4 {
            var address = in_addr(s_addr: word3)
            inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
        } else {
            withUnsafeBytes(of: self) {
                _ = inet_ntop(AF_INET6, $0.baseAddress, &buffer, socklen_t(buffer.count))
            }
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
