// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The first bits of an address, key of a map that finds the longest matching one (`struct bpf_lpm_trie_key`).
///
/// `Address` holds its bits in network order, and has a multiple of four bytes.
public struct Prefix<Address: BitwiseCopyable & Sendable>: Sendable, BitwiseCopyable {
    /// How many bits count. A program that looks an address up gives all its bits.
    public var bitCount: UInt32
    /// The address; its bits beyond `bitCount` don't matter.
    public var address: Address

    /// The first bits of an address.
    @inline(__always)
    public init(_ address: Address, bitCount: UInt32) {
        self.bitCount = bitCount
        self.address = address
    }

    /// All bits of an address: what to look it up by.
    @inline(__always)
    public init(of address: Address) {
        self.init(address, bitCount: UInt32(truncatingIfNeeded: MemoryLayout<Address>.size) &* 8)
    }
}

extension Prefix: Equatable where Address: Equatable {}
extension Prefix: Hashable where Address: Hashable {}
