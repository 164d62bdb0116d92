// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

// The operator's choices. The raw values are those in `KernelConfiguration`.

/// How a record is used.
public enum Policy: UInt32, CaseIterable, Sendable {
    /// Sets cwnd and ssthresh exactly as saved, and paces the first flight over a round trip.
    case exact = 1
    /// Careful Resume (RFC 9959): a jump to at most half of the saved window, which is paced, validated, and taken back
    /// when the network shows that it was too large.
    case careful = 2
}

/// When a TCP connection may use the record of a QUIC connection.
public enum Gate: UInt32, CaseIterable, Sendable {
    /// When the QUIC connection has failed, or its peer wasn't heard for longer than max(3 × srtt, 250 ms).
    case quiet = 0
    /// At once, even while the QUIC connection is alive.
    case always = 1
    /// Never: decisions are counted and reported, and nothing is set.
    case never = 2

    /// Under the gate `quiet` a peer is silent after this many smoothed RTTs, but no sooner than
    /// `quietFloorNanoseconds`.
    @inline(__always) public static var quietSRTTs: UInt64 { 3 }
    /// The shortest silence that opens the gate `quiet`, 250 ms.
    @inline(__always) public static var quietFloorNanoseconds: UInt64 { 250_000_000 }
}

/// When a jump may begin under the policy `careful` (RFC 9959 §3.2).
public enum Jump: UInt32, CaseIterable, Sendable {
    /// With the first flight: the handshake's RTT sample confirms the path.
    case atOnce = 0
    /// When all initial data has been acknowledged without congestion, as the RFC describes it.
    case afterFirstRound = 1
}
