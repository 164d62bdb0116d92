// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// An IPv6 address as in a packet (`struct in6_addr`).
public struct IPv6Address: Hashable, Sendable, BitwiseCopyable {
    // Words of 4 bytes: with wider ones the address would be aligned to 8 bytes, and `Prefix` would have padding.
    /// Bytes 0 to 3 in network order, read from memory as one word (`in6_addr.s6_addr32`).
    public var word0: UInt32
    /// Bytes 4 to 7, likewise.
    public var word1: UInt32
    /// Bytes 8 to 11, likewise.
    public var word2: UInt32
    /// Bytes 12 to 15, likewise.
    public var word3: UInt32

    /// Makes an address from its words in network order, as the kernel passes them.
    @inline(__always)
    public init(word0: UInt32, word1: UInt32, word2: UInt32, word3: UInt32) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// Makes the IPv4-mapped address `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2).
    @inline(__always)
    public init(mapping address: IPv4Address) {
        self.init(word0: 0, word1: 0, word2: UInt32(0xffff).networkOrder, word3: address.networkOrder)
    }

    /// The IPv4 address of an IPv4-mapped address; `nil` for any other address.
    @inline(__always)
    public var mappedIPv4: IPv4Address? {
        word0 == 0 && word1 == 0 && word2 == UInt32(0xffff).networkOrder ? IPv4Address(networkOrder: word3) : nil
    }

    /// The number of bits of an address.
    @inline(__always) public static var bitWidth: UInt32 { 128 }
}
