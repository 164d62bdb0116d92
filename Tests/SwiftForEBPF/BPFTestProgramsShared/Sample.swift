// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

public import BPFShared

/// A connection that was established. Its size, 29 bytes, is no multiple of its alignment.
public struct Sample: BitwiseCopyable, Sendable {
    /// Of the socket.
    public var cookie: UInt64
    /// An IPv4 address as `::ffff:a.b.c.d`.
    public var peer: IPv6Address
    /// Host byte order.
    public var localPort: UInt32
    /// Whether it was accepted here.
    public var isPassive: Bool

    /// All fields.
    @inline(__always)
    public init(cookie: UInt64, peer: IPv6Address, localPort: UInt32, isPassive: Bool) {
        self.cookie = cookie
        self.peer = peer
        self.localPort = localPort
        self.isPassive = isPassive
    }
}

/// What the program `filter` goes by.
public struct FilterSettings: BitwiseCopyable, Sendable {
    /// Whether packets are dropped.
    public var dropsAll: Bool
    /// Not used by the program.
    public var code: UInt16

    /// All fields.
    @inline(__always)
    public init(dropsAll: Bool, code: UInt16) {
        self.dropsAll = dropsAll
        self.code = code
    }
}
