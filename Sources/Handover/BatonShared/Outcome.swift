// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// The outcome of a decision, roughly in the order of the checks. The raw value is the key of the map `counters`.
public enum Outcome: UInt32, CaseIterable, Sendable {
    /// The endpoint has no record.
    case noRecord = 0
    /// The record's lifetime has passed; it was deleted.
    case expired = 1
    /// The gate is shut: the QUIC connection may still be alive, or the gate is `never`.
    case gated = 2
    /// The handshake's RTT is outside the RTT bounds (by default at most half of the saved RTT, or more than ten times
    /// as long), or it couldn't be measured.
    case rttMismatch = 3
    /// Another TCP connection already uses this record.
    case inUse = 4
    /// The connection was resumed: it was given the saved parameters.
    case resumed = 5
    /// The kernel refused a socket option; the socket is as it was.
    case refused = 6
    /// The operator excludes the peer's network.
    case excluded = 7
    /// The saved window is too small for a jump (RFC 9959 §3.1): below `--min-window`, by default four initial windows.
    case tooSmall = 8

    /// The number of cases, which is the size of the map `counters`. A new case goes last, and replaces the one named
    /// here.
    @inline(__always) public static var count: UInt32 { tooSmall.rawValue &+ 1 }
}
