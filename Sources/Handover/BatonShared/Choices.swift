// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

// What an operator chooses. Raw values are those of `KernelConfiguration`.

/// How the saved window is used.
public enum Policy: UInt32, CaseIterable, Sendable {
    /// cwnd and ssthresh exactly as saved, the first flight paced over a round trip.
    case exact = 1
    /// Careful Resume (RFC 9959): a jump to at most half of the saved window, paced, validated, and taken back when the
    /// network says that it was too much.
    case careful = 2
}

/// When a TCP connection may take over from a QUIC connection.
public enum Gate: UInt32, CaseIterable, Sendable {
    /// When the record says that the QUIC connection failed, or its peer was silent for max(3 × srtt, 250 ms).
    case quiet = 0
    /// At once, even beside a living QUIC connection.
    case always = 1
    /// Never: decisions are counted and shown, nothing is set.
    case never = 2

    /// Under the gate `quiet` a peer is silent after this many smoothed RTTs, and `quietFloorNanoseconds` at least.
    @inline(__always) public static var quietSRTTs: UInt64 { 3 }
    /// 250 ms.
    @inline(__always) public static var quietFloorNanoseconds: UInt64 { 250_000_000 }
}

/// When a jump may begin under the policy `careful` (RFC 9959 §3.2).
public enum Jump: UInt32, CaseIterable, Sendable {
    /// At once: the handshake's RTT sample confirms the path.
    case atOnce = 0
    /// When all the initial data was acknowledged without congestion, the RFC's own rule.
    case afterFirstRound = 1
}
