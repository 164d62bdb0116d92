// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The peer that a record belongs to: an IPv6 address, or an IPv4 address as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), so
/// that both families share one kind of key. Ports are left out: a client's TCP connection has another port than its
/// QUIC connection.
public struct RemoteEndpoint: Hashable, Sendable, BitwiseCopyable {
    /// Bytes 0 … 3 of the sixteen in network order, as a word read from memory (`in6_addr.s6_addr32`).
    public var word0: UInt32
    /// Bytes 4 … 7.
    public var word1: UInt32
    /// Bytes 8 … 11.
    public var word2: UInt32
    /// Bytes 12 … 15.
    public var word3: UInt32

    /// An address from its words in memory order.
    @inline(__always)
    public init(word0: UInt32, word1: UInt32, word2: UInt32, word3: UInt32) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// An IPv4 address, its four bytes in network order (`in_addr.s_addr`).
    @inline(__always)
    public init(ipv4 address: UInt32) {
        self.init(word0: 0, word1: 0, word2: UInt32(0xffff).bigEndian, word3: address)
    }
}
