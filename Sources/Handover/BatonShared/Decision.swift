// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// What was decided for one TCP connection, a record of the ring buffer `events`.
///
/// Fields that the decision did not need are 0.
public struct Decision: Equatable, Sendable, BitwiseCopyable {
    /// `EventHeader.decision`.
    public var header = EventHeader(kind: EventHeader.decision)
    /// CLOCK_MONOTONIC, nanoseconds.
    public var timeNanoseconds: UInt64 = 0
    /// `SO_COOKIE` of the socket.
    public var socketCookie: UInt64 = 0
    /// The peer.
    public var endpoint = RemoteEndpoint.unspecified

    /// Congestion window of the record that was found, bytes.
    public var savedCwndBytes: UInt64 = 0
    /// Its slow start threshold, bytes; `SavedParameters.neverLost` for none.
    public var savedSSThreshBytes: UInt64 = 0
    /// Its generation.
    public var generation: UInt64 = 0
    /// Time since its values were taken.
    public var ageNanoseconds: UInt64 = 0
    /// Time since the peer was last heard over QUIC.
    public var silenceNanoseconds: UInt64 = 0
    /// Its RTT, the one that is compared; 0: unknown.
    public var savedRTTMicroseconds: UInt32 = 0

    /// RTT of the TCP handshake; 0: no sample.
    public var handshakeRTTMicroseconds: UInt32 = 0
    /// Maximum segment size of the socket (`mss_cache`).
    public var mssBytes: UInt32 = 0
    /// Window as the kernel set it up.
    public var initialCwndSegments: UInt32 = 0
    /// Threshold as the kernel set it up; `infiniteSSThresh` for none.
    public var initialSSThreshSegments: UInt32 = 0

    /// Window as it was left, read back from the socket.
    public var cwndSegments: UInt32 = 0
    /// Threshold as it was left, read back from the socket.
    public var ssthreshSegments: UInt32 = 0
    /// Bytes per second for the first round trip; 0: not paced.
    public var pacingRate: UInt32 = 0
    /// RFC 9959's `jump_cwnd` under the policy `careful`, also of one that is too small; 0 under others.
    public var jumpSegments: UInt32 = 0
    /// Smoothed RTT of the record, which the queue that its connection built is part of; 0: unknown.
    public var savedSRTTMicroseconds: UInt32 = 0
    /// Slow start threshold that the jump leaves if the path carries it; 0: TCP's own.
    public var validatedSSThreshSegments: UInt32 = 0
    /// `Jump`: when the jump may begin.
    public var jumpMoment: UInt32 = 0
    /// The socket's own congestion control.
    public var congestionControl = CongestionControlName()

    /// Host byte order.
    public var remotePort: UInt32 = 0
    /// Host byte order.
    public var localPort: UInt32 = 0
    /// `Outcome`.
    public var outcome: UInt32 = 0
    /// `BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB` (4) or `BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB` (5).
    public var operation: UInt32 = 0
    /// `Source`: whose values.
    public var source: UInt32 = 0
    /// Negative errno of what the kernel refused.
    public var error: Int32 = 0

    /// A decision that has not been made yet.
    @inline(__always) public init() {}

    /// Of `source`: a record of the endpoint.
    @inline(__always) public static var recordSource: UInt32 { 1 }
    /// Of `source`: the maps that cwndebpf's document names.
    @inline(__always) public static var compatMapsSource: UInt32 { 2 }

    /// `ssthreshSegments` of a connection that has none (`TCP_INFINITE_SSTHRESH`).
    @inline(__always) public static var infiniteSSThresh: UInt32 { 0x7fff_ffff }
}
