// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// An IPv4 address as in a packet (`struct in_addr`).
public struct IPv4Address: Hashable, Sendable, BitwiseCopyable {
    /// The four bytes in network order, read from memory as one word (`in_addr.s_addr`).
    public var networkOrder: UInt32

    /// Makes an address from its bytes in network order, as the kernel passes them.
    @inline(__always)
    public init(networkOrder: UInt32) { self.networkOrder = networkOrder }

    /// Makes the address `first.second.third.fourth`.
    @inline(__always)
    public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        // Not with a byte swap: this form can be the initial value of a constant.
        #if BPF_BIG_ENDIAN || _endian(big)
            networkOrder = UInt32(first) &<< 24 | UInt32(second) &<< 16 | UInt32(third) &<< 8 | UInt32(fourth)
        #else
            networkOrder = UInt32(fourth) &<< 24 | UInt32(third) &<< 16 | UInt32(second) &<< 8 | UInt32(first)
        #endif
    }

    /// The number of bits of an address.
    @inline(__always) public static var bitWidth: UInt32 { 32 }
}
