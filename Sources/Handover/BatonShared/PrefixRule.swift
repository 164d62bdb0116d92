// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// What an operator lays down for a network, value of the map `rules`.
public struct PrefixRule: Equatable, Sendable, BitwiseCopyable {
    /// No window above this many bytes is handed over to the network's clients; 0: nothing is.
    public var maxWindowBytes: UInt64

    /// A limit, or 0 to leave the network alone.
    @inline(__always)
    public init(maxWindowBytes: UInt64) { self.maxWindowBytes = maxWindowBytes }

    /// Whether the network is left alone.
    @inline(__always) public var isExcluded: Bool { maxWindowBytes == 0 }
}
