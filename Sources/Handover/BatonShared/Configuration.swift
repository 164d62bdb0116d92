// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The settings of the kernel programs, the only entry of the map `configuration`. They may change at any time.
public struct KernelConfiguration: Equatable, Sendable, BitwiseCopyable {
    /// The layout version of all maps. Programs and tools of another version must not use them. The pin directory has
    /// it too.
    public var layoutVersion: UInt32
    /// `Policy`, or `detachedPolicy`.
    public var policy: UInt32
    /// `Gate`.
    public var gate: UInt32
    /// The process that attached the handover for its own lifetime and detaches it at its end; 0: none, it stays until
    /// `detach`.
    public var owner: UInt32
    /// How long records without a lifetime of their own may be used.
    public var lifetimeNanoseconds: UInt64
    /// The largest window that a connection is given.
    public var maxWindowBytes: UInt64
    /// The name under which this handover's congestion control is registered.
    public var control: CongestionControlName

    // Careful Resume (RFC 9959).

    /// The largest jump, RFC 9959's `max_jump`.
    public var maxJumpBytes: UInt64
    /// The smallest window that is saved, or used for a jump; 0: four initial windows of the connection.
    public var minimumWindowBytes: UInt64
    /// `Jump`: when the jump may begin.
    public var jump: UInt32
    /// RFC 9959's Beta in percent; 0: 70 for sockets that use cubic, 50 for others.
    public var betaPercent: UInt32
    /// An RTT of at most this many percent of the saved RTT belongs to another path.
    public var lowestRTTPercent: UInt32
    /// An RTT of more than this many percent of the saved RTT belongs to another path.
    public var highestRTTPercent: UInt32

    /// The layout that this source describes. Raise it with each change of a pinned map's key, value or meaning.
    @inline(__always) public static var currentLayoutVersion: UInt32 { 4 }

    /// A value of `policy` that is no `Policy`: the handover was detached, and sockets must leave its congestion
    /// control.
    @inline(__always) public static var detachedPolicy: UInt32 { 0 }

    /// A configuration of layout `currentLayoutVersion`.
    @inline(__always)
    public init(
        policy: UInt32, gate: UInt32, owner: UInt32, lifetimeNanoseconds: UInt64, maxWindowBytes: UInt64,
        control: CongestionControlName, maxJumpBytes: UInt64, minimumWindowBytes: UInt64, jump: UInt32,
        betaPercent: UInt32, lowestRTTPercent: UInt32, highestRTTPercent: UInt32
    ) {
        self.layoutVersion = Self.currentLayoutVersion
        self.policy = policy
        self.gate = gate
        self.owner = owner
        self.lifetimeNanoseconds = lifetimeNanoseconds
        self.maxWindowBytes = maxWindowBytes
        self.control = control
        self.maxJumpBytes = maxJumpBytes
        self.minimumWindowBytes = minimumWindowBytes
        self.jump = jump
        self.betaPercent = betaPercent
        self.lowestRTTPercent = lowestRTTPercent
        self.highestRTTPercent = highestRTTPercent
    }
}

/// The name of a congestion control, padded with zeros to `TCP_CA_NAME_MAX` (16) bytes.
public struct CongestionControlName: Equatable, Sendable, BitwiseCopyable {
    /// The first eight bytes, in memory order.
    public var low: UInt64
    /// The last eight bytes, in memory order.
    public var high: UInt64

    /// The empty name, or one from its bytes.
    @inline(__always)
    public init(low: UInt64 = 0, high: UInt64 = 0) {
        self.low = low
        self.high = high
    }
}
