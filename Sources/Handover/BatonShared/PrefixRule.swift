// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The operator's rule for a network, the value of the map `rules`.
public struct PrefixRule: Equatable, Sendable, BitwiseCopyable {
    /// The largest window that connections of the network's clients are given; 0: the network is excluded.
    public var maxWindowBytes: UInt64

    /// A limit, or 0 to exclude the network.
    @inline(__always)
    public init(maxWindowBytes: UInt64) { self.maxWindowBytes = maxWindowBytes }

    /// Whether the network is excluded: none of its clients' connections is resumed.
    @inline(__always) public var isExcluded: Bool { maxWindowBytes == 0 }
}
