// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// An address prefix: the key of a map for longest-prefix match (`struct bpf_lpm_trie_key`).
///
/// `Address` contains its bits in network order, and its size is a multiple of 4 bytes.
public struct Prefix<Address: BitwiseCopyable & Sendable>: Sendable, BitwiseCopyable {
    /// The length of the prefix, in bits. To look up an address, it is the number of all its bits.
    public var bitCount: UInt32
    /// The address. Its bits after the first `bitCount` don't matter.
    public var address: Address

    /// Makes the prefix of the first `bitCount` bits of an address.
    @inline(__always)
    public init(_ address: Address, bitCount: UInt32) {
        self.bitCount = bitCount
        self.address = address
    }

    /// Makes the prefix of all bits of an address, which is the key to look it up.
    @inline(__always)
    public init(of address: Address) {
        self.init(address, bitCount: UInt32(truncatingIfNeeded: MemoryLayout<Address>.size) &* 8)
    }
}

extension Prefix: Equatable where Address: Equatable {}
extension Prefix: Hashable where Address: Hashable {}
