// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// A phase of Careful Resume (RFC 9959 §3).
public enum Phase: UInt32, CaseIterable, Sendable {
    /// The path is confirmed while no more than the initial window is in flight (§3.2).
    case reconnaissance = 1
    /// The jump: more is sent than the connection itself has found the path to carry (§3.3).
    case unvalidated = 2
    /// All of the jump is on its way, and its acknowledgements come in (§3.4).
    case validating = 3
    /// The jump met congestion (§3.5).
    case safeRetreat = 4
    /// The socket's own congestion control is in charge.
    case normal = 5
}

/// Why a connection went from one phase to another. The raw value is the key of the map `triggers`.
///
/// The names of the first eleven are those of draft-ietf-tsvwg-careful-resume-qlog; the draft has none for the rest.
public enum Trigger: UInt32, CaseIterable, Sendable {
    /// RTT confirmed, initial data acknowledged or accounted for, and more to send than the window would have let out.
    case congestionWindowLimited = 0
    /// The RTT is not like the saved one.
    case rttNotValidated = 1
    /// As much is in flight as the jump window allows.
    case lastUnvalidatedPacketSent = 2
    /// The first packet of the jump was acknowledged.
    case firstUnvalidatedPacketAcknowledged = 3
    /// The jump lasted longer than a round trip.
    case rttExceeded = 4
    /// The application or the peer's window let no more out than was validated.
    case rateLimited = 5
    /// The last packet of the jump was acknowledged.
    case lastUnvalidatedPacketAcknowledged = 6
    /// The RTT fell to half of the saved one or less during the jump: another path.
    case pathChanged = 7
    /// A packet was lost.
    case packetLoss = 8
    /// The network marked packets (Congestion Experienced).
    case ecnCE = 9
    /// After a Safe Retreat, the last packet of the jump was acknowledged.
    case exitRecovery = 10
    /// The connection was given saved parameters.
    case resumed = 11
    /// The retransmission timer went off (RFC 9959 §3.6 in QUIC's words: persistent congestion).
    case retransmissionTimeout = 12
    /// The saved parameters' lifetime passed before they were used.
    case lifetimeExceeded = 13
    /// The handover was detached.
    case detached = 14
    /// The application gave the socket another congestion control.
    case controlChanged = 15

    /// How many there are, the size of the map `triggers`. A new case comes last and takes the place of this one here.
    @inline(__always) public static var count: UInt32 { controlChanged.rawValue &+ 1 }
}
