// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// `BPF_MAP_TYPE_LPM_TRIE`: from prefixes of addresses to values; an address finds the longest prefix that it begins with.
public struct LPMTrie<Address: BitwiseCopyable & Sendable, Value>: KeyValueMap {
    /// A prefix; one of all bits finds what matches an address.
    public typealias Key = Prefix<Address>
    private var definition: MapDefinition

    /// - Parameter maxEntries: how many prefixes at most; a literal.
    @inline(__always)
    public init(maxEntries: UInt32) {
        // The kernel demands BPF_F_NO_PREALLOC.
        definition = MapDefinition(BPF_MAP_TYPE_LPM_TRIE, maxEntries: maxEntries, flags: 1)
    }

    /// The value of the longest prefix that the address begins with; `nil` if there is none.
    @inline(__always)
    public subscript(address: Address) -> UnsafeMutablePointer<Value>? {
        mutating get { self[Prefix(of: address)] }
    }
}
