// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// `BPF_MAP_TYPE_LPM_TRIE`: a map from address prefixes to values. Looking up an address finds the longest prefix that
/// matches it.
public struct LPMTrie<Address: BitwiseCopyable & Sendable, Value>: KeyValueMap {
    /// A prefix. To look up an address, use a prefix of all its bits.
    public typealias Key = Prefix<Address>
    private var definition: MapDefinition

    /// Declares the map.
    ///
    /// - Parameter maxEntries: the most prefixes; a literal.
    @inline(__always)
    public init(maxEntries: UInt32) {
        // The kernel requires BPF_F_NO_PREALLOC.
        definition = MapDefinition(BPF_MAP_TYPE_LPM_TRIE, maxEntries: maxEntries, flags: 1)
    }

    /// A pointer to the value of the longest prefix that matches the address (`bpf_map_lookup_elem`); `nil` if none
    /// does.
    @inline(__always)
    public subscript(address: Address) -> UnsafeMutablePointer<Value>? {
        mutating get { self[Prefix(of: address)] }
    }
}
