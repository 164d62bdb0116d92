// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

public import BPFShared

/// Whom a set of saved parameters belongs to: an IPv6 address, or an IPv4 address as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2),
/// so that both families are one kind of key. Ports are left out: a client's TCP connection has another port than its QUIC
/// connection.
public struct RemoteEndpoint: Hashable, Sendable, BitwiseCopyable {
    /// Sixteen bytes in network order (`struct in6_addr`).
    public var address: IPv6Address

    /// An IPv6 address, or an IPv4 address in its mapped form.
    @inline(__always)
    public init(_ address: IPv6Address) { self.address = address }

    /// An IPv4 address, its four bytes in network order (`in_addr.s_addr`).
    @inline(__always)
    public init(ipv4 address: UInt32) { self.init(IPv6Address(mapping: IPv4Address(networkOrder: address))) }

    /// `::`, which is nobody's.
    @inline(__always) public static var unspecified: RemoteEndpoint {
        RemoteEndpoint(IPv6Address(word0: 0, word1: 0, word2: 0, word3: 0))
    }
}
