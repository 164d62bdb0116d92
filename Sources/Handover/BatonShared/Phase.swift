// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// A phase of Careful Resume (RFC 9959 §3).
public enum Phase: UInt32, CaseIterable, Sendable {
    /// The path is confirmed while no more than the initial window is in flight (§3.2).
    case reconnaissance = 1
    /// The jump: more is sent than the connection itself has found the path to carry (§3.3).
    case unvalidated = 2
    /// All of the jump has been sent, and its acknowledgements arrive (§3.4).
    case validating = 3
    /// The jump met congestion: the window is reduced (§3.5).
    case safeRetreat = 4
    /// The socket's own congestion control is in charge (§3.7).
    case normal = 5
}

/// Why a connection changed from one phase to another. The raw value is the key of the map `triggers`.
///
/// The first eleven have the names of draft-ietf-tsvwg-careful-resume-qlog; the draft has none for the rest.
public enum Trigger: UInt32, CaseIterable, Sendable {
    /// The RTT is confirmed, the initial data is acknowledged or accounted for, and more was sent than the window
    /// without the jump allows.
    case congestionWindowLimited = 0
    /// The RTT is outside the RTT bounds: another path.
    case rttNotValidated = 1
    /// The flight size has reached the jump window.
    case lastUnvalidatedPacketSent = 2
    /// The first packet of the jump was acknowledged.
    case firstUnvalidatedPacketAcknowledged = 3
    /// The jump lasted longer than a round trip.
    case rttExceeded = 4
    /// No more was sent than is validated, because of the application or the peer's window; or TCP's own window grew to
    /// the jump's size before the jump.
    case rateLimited = 5
    /// The last packet of the jump was acknowledged.
    case lastUnvalidatedPacketAcknowledged = 6
    /// The RTT fell to the lower RTT bound (half of the saved RTT) or below during the jump: another path.
    case pathChanged = 7
    /// A packet was lost.
    case packetLoss = 8
    /// The network marked packets (Congestion Experienced).
    case ecnCE = 9
    /// After a Safe Retreat, the last packet of the jump was acknowledged.
    case exitRecovery = 10
    /// The connection was resumed: it was given saved parameters.
    case resumed = 11
    /// The retransmission timer expired (RFC 9959 §3.6, which calls it persistent congestion for QUIC).
    case retransmissionTimeout = 12
    /// The lifetime of the saved parameters passed before the jump began.
    case lifetimeExceeded = 13
    /// The handover was detached.
    case detached = 14
    /// The application chose another congestion control for the socket.
    case controlChanged = 15

    /// The number of cases, which is the size of the map `triggers`. A new case goes last, and replaces the one named
    /// here.
    @inline(__always) public static var count: UInt32 { controlChanged.rawValue &+ 1 }
}
