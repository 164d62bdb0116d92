// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

public import BPFShared

/// The peer that a record belongs to: an IPv6 address, or an IPv4 address as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), so
/// that both families share one kind of key. Ports are left out: a client's TCP connection has another port than its
/// QUIC connection.
public struct RemoteEndpoint: Hashable, Sendable, BitwiseCopyable {
    /// The address, sixteen bytes in network order (`struct in6_addr`).
    public var address: IPv6Address

    /// A peer by its IPv6 address, or its IPv4 address in mapped form.
    @inline(__always)
    public init(_ address: IPv6Address) { self.address = address }

    /// A peer by its IPv4 address, four bytes in network order (`in_addr.s_addr`).
    @inline(__always)
    public init(ipv4 address: UInt32) { self.init(IPv6Address(mapping: IPv4Address(networkOrder: address))) }

    /// `::`, which no peer has.
    @inline(__always) public static var unspecified: RemoteEndpoint {
        RemoteEndpoint(IPv6Address(word0: 0, word1: 0, word2: 0, word3: 0))
    }
}
