// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// What the kernel program goes by, the one entry of the map `configuration`. It may change at any time.
public struct KernelConfiguration: Equatable, Sendable, BitwiseCopyable {
    /// Layout of all maps; programs and tools of another one must not touch them. The pins bear it too.
    public var layoutVersion: UInt32
    /// `Policy`.
    public var policy: UInt32
    /// `Gate`.
    public var gate: UInt32
    /// Process that attached the handover for its own time, and takes it along at its end; 0: it stays until `detach`.
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
    /// Records with a smaller window aren't used, bytes; 0: four initial windows of the connection.
    public var minimumWindowBytes: UInt64
    /// When the jump may begin: `jumpAtOnce` or `jumpAfterFirstRound`.
    public var jump: UInt32
    /// RFC 9959's Beta in per cent; 0: by the socket's own control, 70 for cubic and 50 for others.
    public var betaPercent: UInt32
    /// An RTT of at most so many per cent of the saved one is another path's.
    public var lowestRTTPercent: UInt32
    /// An RTT of more than so many per cent of the saved one is another path's.
    public var highestRTTPercent: UInt32

    /// The layout that this source describes. To be raised with each change of a map's key, value or meaning.
    @inline(__always) public static var currentLayoutVersion: UInt32 { 3 }

    /// Of `policy`: cwnd and ssthresh exactly as saved.
    @inline(__always) public static var exactPolicy: UInt32 { 1 }
    /// Of `policy`: Careful Resume.
    @inline(__always) public static var carefulPolicy: UInt32 { 2 }
    /// Of `policy`: the handover was detached; what still holds its programs is to let go of them.
    @inline(__always) public static var detachedPolicy: UInt32 { 0 }

    /// Of `jump`: the handshake's RTT is enough.
    @inline(__always) public static var jumpAtOnce: UInt32 { 0 }
    /// Of `jump`: once the initial data was acknowledged.
    @inline(__always) public static var jumpAfterFirstRound: UInt32 { 1 }

    /// Of `gate`: take over once the QUIC connection has failed or gone silent.
    @inline(__always) public static var quietGate: UInt32 { 0 }
    /// Of `gate`: take over at once.
    @inline(__always) public static var alwaysGate: UInt32 { 1 }
    /// Of `gate`: never take over.
    @inline(__always) public static var neverGate: UInt32 { 2 }

    /// Under the gate `quiet` a peer is silent after max(3 × srtt, 250 ms).
    @inline(__always) public static var quietSRTTs: UInt64 { 3 }
    /// The 250 ms.
    @inline(__always) public static var quietFloorNanoseconds: UInt64 { 250_000_000 }

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
