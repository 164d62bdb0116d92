// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// A connection's change from one phase of Careful Resume to another, a record of the ring buffer `events`.
public struct PhaseEvent: Equatable, Sendable, BitwiseCopyable {
    /// `EventHeader.phase`.
    public var header = EventHeader(kind: EventHeader.phase)
    /// CLOCK_MONOTONIC, nanoseconds.
    public var timeNanoseconds: UInt64 = 0
    /// `SO_COOKIE` of the socket, as in `Decision`.
    public var socketCookie: UInt64 = 0
    /// The peer.
    public var endpoint = RemoteEndpoint.unspecified
    /// RFC 9959's `saved_cwnd`.
    public var savedCwndBytes: UInt64 = 0
    /// RFC 9959's `saved_rtt`; 0: unknown.
    public var savedRTTMicroseconds: UInt32 = 0
    /// The peer's port, host byte order.
    public var remotePort: UInt32 = 0
    /// The local port, host byte order.
    public var localPort: UInt32 = 0

    /// The `Phase` before the change; 0: none, the connection was just resumed.
    public var oldPhase: UInt32 = 0
    /// The `Phase` after the change.
    public var newPhase: UInt32 = 0
    /// The `Trigger` of the change.
    public var trigger: UInt32 = 0

    /// Maximum segment size, bytes (`mss_cache`).
    public var mssBytes: UInt32 = 0
    /// RFC 9959's PipeSize.
    public var pipeSizeSegments: UInt32 = 0
    /// The window after the change (`snd_cwnd`).
    public var cwndSegments: UInt32 = 0
    /// The slow start threshold after the change (`snd_ssthresh`); `Decision.infiniteSSThresh` for none.
    public var ssthreshSegments: UInt32 = 0
    /// Flight size (`packets_out`).
    public var flightSegments: UInt32 = 0
    /// Where the jump's first packet begins, counted from the connection's first byte; 0: no jump yet.
    public var firstUnvalidatedByte: UInt32 = 0
    /// Where the jump's last packet ends, counted from the connection's first byte; 0: not yet known.
    public var lastUnvalidatedByte: UInt32 = 0
    /// Smoothed RTT (`srtt_us`).
    public var srttMicroseconds: UInt32 = 0
    /// Minimum RTT of the connection (`rtt_min`).
    public var minRTTMicroseconds: UInt32 = 0
    /// Segments that were marked as lost since the connection began (`lost`).
    public var lostSegments: UInt32 = 0
    /// Pacing rate after the change (`sk_pacing_rate`), bytes per second.
    public var pacingRate: UInt64 = 0

    /// An event in which nothing is filled in yet.
    @inline(__always) public init() {}
}
