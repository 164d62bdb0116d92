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
    /// RFC 9959's `saved_cwnd`, bytes.
    public var savedCwndBytes: UInt64 = 0
    /// RFC 9959's `saved_rtt`, microseconds; 0: unknown.
    public var savedRTTMicroseconds: UInt32 = 0
    /// Host byte order.
    public var remotePort: UInt32 = 0
    /// Host byte order.
    public var localPort: UInt32 = 0

    /// `Phase` before; 0: none.
    public var oldPhase: UInt32 = 0
    /// `Phase` from now on.
    public var newPhase: UInt32 = 0
    /// `Trigger`.
    public var trigger: UInt32 = 0

    /// Maximum segment size, bytes (`mss_cache`).
    public var mssBytes: UInt32 = 0
    /// RFC 9959's PipeSize.
    public var pipeSizeSegments: UInt32 = 0
    /// Window from now on (`snd_cwnd`).
    public var cwndSegments: UInt32 = 0
    /// Threshold from now on (`snd_ssthresh`); `Decision.infiniteSSThresh` for none.
    public var ssthreshSegments: UInt32 = 0
    /// Flight size (`packets_out`).
    public var flightSegments: UInt32 = 0
    /// Where the first packet of the jump begins, bytes since the connection began; 0: no jump yet.
    public var firstUnvalidatedByte: UInt32 = 0
    /// Where its last packet ends, bytes since the connection began; 0: not yet known.
    public var lastUnvalidatedByte: UInt32 = 0
    /// Smoothed RTT (`srtt_us`), microseconds.
    public var srttMicroseconds: UInt32 = 0
    /// Smallest RTT of the connection (`rtt_min`), microseconds.
    public var minRTTMicroseconds: UInt32 = 0
    /// Segments that were marked as lost since the connection began (`lost`).
    public var lostSegments: UInt32 = 0
    /// Pacing rate from now on (`sk_pacing_rate`), bytes per second.
    public var pacingRate: UInt64 = 0

    /// An event in which nothing is filled in yet.
    @inline(__always) public init() {}
}
