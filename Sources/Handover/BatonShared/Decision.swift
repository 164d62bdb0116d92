// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The decision on one TCP connection, a record of the ring buffer `events`.
///
/// Fields that the decision didn't need are 0.
public struct Decision: Equatable, Sendable, BitwiseCopyable {
    /// `EventHeader.decision`.
    public var header = EventHeader(kind: EventHeader.decision)
    /// CLOCK_MONOTONIC, nanoseconds.
    public var timeNanoseconds: UInt64 = 0
    /// `SO_COOKIE` of the socket.
    public var socketCookie: UInt64 = 0
    /// The peer.
    public var endpoint = RemoteEndpoint.unspecified

    /// Congestion window of the record that was found.
    public var savedCwndBytes: UInt64 = 0
    /// Slow start threshold of the record; `SavedParameters.neverLost` for none.
    public var savedSSThreshBytes: UInt64 = 0
    /// Generation of the record.
    public var generation: UInt64 = 0
    /// Time since the record's values were measured.
    public var ageNanoseconds: UInt64 = 0
    /// Time since the peer was last heard over QUIC.
    public var silenceNanoseconds: UInt64 = 0
    /// RTT of the record that the handshake's RTT is compared with; 0: unknown.
    public var savedRTTMicroseconds: UInt32 = 0

    /// RTT of the TCP handshake; 0: no sample.
    public var handshakeRTTMicroseconds: UInt32 = 0
    /// Maximum segment size of the socket (`mss_cache`).
    public var mssBytes: UInt32 = 0
    /// The window that the kernel set up.
    public var initialCwndSegments: UInt32 = 0
    /// The slow start threshold that the kernel set up; `infiniteSSThresh` for none.
    public var initialSSThreshSegments: UInt32 = 0

    /// The window after the decision, read back from the socket.
    public var cwndSegments: UInt32 = 0
    /// The slow start threshold after the decision, read back from the socket; `infiniteSSThresh` for none.
    public var ssthreshSegments: UInt32 = 0
    /// Pacing rate of the first round trip, bytes per second; 0: not paced.
    public var pacingRate: UInt32 = 0
    /// RFC 9959's `jump_cwnd` under the policy `careful`, also if it is too small to be used; 0 under other policies.
    public var jumpSegments: UInt32 = 0
    /// Smoothed RTT of the record, which includes the queue that its connection had built; 0: unknown.
    public var savedSRTTMicroseconds: UInt32 = 0
    /// The slow start threshold that the connection gets if the path carries the jump; 0: TCP's own.
    public var validatedSSThreshSegments: UInt32 = 0
    /// `Jump`: when the jump may begin.
    public var jumpMoment: UInt32 = 0
    /// The socket's own congestion control.
    public var congestionControl = CongestionControlName()

    /// The peer's port, host byte order.
    public var remotePort: UInt32 = 0
    /// The local port, host byte order.
    public var localPort: UInt32 = 0
    /// `Outcome`.
    public var outcome: UInt32 = 0
    /// `BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB` (4) or `BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB` (5).
    public var operation: UInt32 = 0
    /// Where the values come from: `recordSource` or `compatMapsSource`.
    public var source: UInt32 = 0
    /// The negative errno of the call that the kernel refused.
    public var error: Int32 = 0

    /// A decision in which nothing is filled in yet.
    @inline(__always) public init() {}

    /// A value of `source`: the record of the endpoint.
    @inline(__always) public static var recordSource: UInt32 { 1 }
    /// A value of `source`: the maps that cwndebpf's document names.
    @inline(__always) public static var compatMapsSource: UInt32 { 2 }

    /// `ssthreshSegments` of a connection that has none (`TCP_INFINITE_SSTHRESH`).
    @inline(__always) public static var infiniteSSThresh: UInt32 { 0x7fff_ffff }
}
