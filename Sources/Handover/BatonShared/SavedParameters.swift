// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The saved congestion control parameters of a remote endpoint (RFC 9959), value of the map `saved`.
///
/// User space writes what a QUIC connection found; the kernel replaces it, under the policy `careful`, by what the TCP
/// connection found that took over. Times are nanoseconds of CLOCK_MONOTONIC (`bpf_ktime_get_ns`).
public struct SavedParameters: Equatable, Sendable, BitwiseCopyable {
    /// Congestion window, bytes.
    public var cwndBytes: UInt64
    /// Slow start threshold, bytes; `neverLost` if the connection never left its first slow start.
    public var ssthreshBytes: UInt64
    /// When these values were taken.
    public var savedAtNanoseconds: UInt64
    /// When the peer was last heard.
    public var lastHeardAtNanoseconds: UInt64
    /// How long after `savedAtNanoseconds` the values may be used; 0: as long as the configuration says.
    public var lifetimeNanoseconds: UInt64
    /// Tells the records of one connection from those of the next at the same endpoint. Not 0.
    public var generation: UInt64
    /// Smoothed RTT, microseconds; 0: unknown.
    public var srttMicroseconds: UInt32
    /// Minimum RTT, microseconds; 0: unknown.
    public var minRTTMicroseconds: UInt32
    /// `failedFlag`, `tcpFlag`, both or 0.
    public var flags: UInt64

    /// `ssthreshBytes` of a connection that never lost a packet.
    @inline(__always) public static var neverLost: UInt64 { .max }
    /// The connection was given up, or its path went silent: a TCP connection may take over.
    @inline(__always) public static var failedFlag: UInt64 { 1 }

    /// A TCP connection found these values, when it ended well.
    @inline(__always) public static var tcpFlag: UInt64 { 2 }

    /// Whether a TCP connection found these values.
    @inline(__always) public var isFromTCP: Bool { flags & Self.tcpFlag != 0 }

    /// Whether `failedFlag` is set.
    @inline(__always) public var hasFailed: Bool { flags & Self.failedFlag != 0 }

    /// RFC 9959's `saved_rtt`, microseconds: the minimum RTT, or the smoothed one where the minimum is unknown; 0: unknown.
    @inline(__always) public var savedRTTMicroseconds: UInt32 {
        minRTTMicroseconds != 0 ? minRTTMicroseconds : srttMicroseconds
    }

    /// All fields; none is checked.
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
