// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The settings of the kernel programs, the one entry of the map `configuration`. They may change at any time.
public struct KernelConfiguration: Equatable, Sendable, BitwiseCopyable {
    /// Layout of all maps; programs and tools of another one must not touch them. The pins bear it too.
    public var layoutVersion: UInt32
    /// `Policy`, or `detachedPolicy`.
    public var policy: UInt32
    /// `Gate`.
    public var gate: UInt32
    /// The process that attached the handover for its own lifetime and detaches it at its end; 0: it stays until `detach`.
    public var owner: UInt32
    /// Lifetime of records that bring none of their own.
    public var lifetimeNanoseconds: UInt64
    /// No window above this many bytes is handed over.
    public var maxWindowBytes: UInt64
    /// Name under which this handover's congestion control is registered.
    public var control: CongestionControlName

    // Careful Resume (RFC 9959).

    /// RFC 9959's `max_jump`, bytes.
    public var maxJumpBytes: UInt64
    /// Smaller windows are neither saved nor used, bytes; 0: four initial windows of the connection.
    public var minimumWindowBytes: UInt64
    /// `Jump`: when the jump may begin.
    public var jump: UInt32
    /// RFC 9959's Beta in per cent; 0: 70 for a socket of cubic, 50 for others.
    public var betaPercent: UInt32
    /// An RTT of at most this many per cent of the saved one belongs to another path.
    public var lowestRTTPercent: UInt32
    /// An RTT of more than this many per cent of the saved one belongs to another path.
    public var highestRTTPercent: UInt32

    /// The layout that this source describes. Raise it with each change of a pinned map's key, value or meaning.
    @inline(__always) public static var currentLayoutVersion: UInt32 { 4 }

    /// Of `policy`, instead of a `Policy`: the handover was detached, and sockets are to leave its congestion control.
    @inline(__always) public static var detachedPolicy: UInt32 { 0 }

    /// The configuration of `currentLayoutVersion`.
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

/// Name of a congestion control, padded with zeros to `TCP_CA_NAME_MAX` (16) bytes.
public struct CongestionControlName: Equatable, Sendable, BitwiseCopyable {
    /// The first eight bytes, as they lie in memory.
    public var low: UInt64
    /// The last eight bytes.
    public var high: UInt64

    /// The empty name, or one from its bytes.
    @inline(__always)
    public init(low: UInt64 = 0, high: UInt64 = 0) {
        self.low = low
        self.high = high
    }
}
