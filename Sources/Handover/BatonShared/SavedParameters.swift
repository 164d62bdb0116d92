// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// A record: the saved congestion control parameters of a remote endpoint (RFC 9959), the value of the map `saved`.
///
/// User space writes what a QUIC connection found. Under the policy `careful` the kernel later replaces it with what
/// the resumed TCP connection found. Times are nanoseconds of CLOCK_MONOTONIC (`bpf_ktime_get_ns`).
public struct SavedParameters: Equatable, Sendable, BitwiseCopyable {
    /// Congestion window.
    public var cwndBytes: UInt64
    /// Slow start threshold; `neverLost` if the connection never left its first slow start.
    public var ssthreshBytes: UInt64
    /// When these values were measured.
    public var savedAtNanoseconds: UInt64
    /// When the peer was last heard.
    public var lastHeardAtNanoseconds: UInt64
    /// How long after `savedAtNanoseconds` the record may be used; 0: the lifetime of the configuration.
    public var lifetimeNanoseconds: UInt64
    /// Identifies the QUIC connection among those of the same endpoint. Not 0.
    public var generation: UInt64
    /// Smoothed RTT; 0: unknown.
    public var srttMicroseconds: UInt32
    /// Minimum RTT; 0: unknown.
    public var minRTTMicroseconds: UInt32
    /// `failedFlag`, `tcpFlag`, both or 0.
    public var flags: UInt64

    /// `ssthreshBytes` of a connection that never lost a packet.
    @inline(__always) public static var neverLost: UInt64 { .max }
    /// A flag: the QUIC connection was given up, or its path went silent. A TCP connection may use the record.
    @inline(__always) public static var failedFlag: UInt64 { 1 }

    /// A flag: a TCP connection found these values, and saved them when it ended well.
    @inline(__always) public static var tcpFlag: UInt64 { 2 }

    /// Whether a TCP connection found these values.
    @inline(__always) public var isFromTCP: Bool { flags & Self.tcpFlag != 0 }

    /// Whether `failedFlag` is set.
    @inline(__always) public var hasFailed: Bool { flags & Self.failedFlag != 0 }

    /// RFC 9959's `saved_rtt`: the minimum RTT, or the smoothed RTT if the minimum is unknown; 0: unknown.
    @inline(__always) public var savedRTTMicroseconds: UInt32 {
        minRTTMicroseconds != 0 ? minRTTMicroseconds : srttMicroseconds
    }

    /// All fields. No value is checked.
    @inline(__always)
    public init(
        cwndBytes: UInt64, ssthreshBytes: UInt64, savedAtNanoseconds: UInt64, lastHeardAtNanoseconds: UInt64,
        lifetimeNanoseconds: UInt64, generation: UInt64, srttMicroseconds: UInt32, minRTTMicroseconds: UInt32,
        flags: UInt64
    ) {
        self.cwndBytes = cwndBytes
        self.ssthreshBytes = ssthreshBytes
        self.savedAtNanoseconds = savedAtNanoseconds
        self.lastHeardAtNanoseconds = lastHeardAtNanoseconds
        self.lifetimeNanoseconds = lifetimeNanoseconds
        self.generation = generation
        self.srttMicroseconds = srttMicroseconds
        self.minRTTMicroseconds = minRTTMicroseconds
        self.flags = flags
    }
}
