// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// How a decision ended, roughly in the order in which it is looked for. The raw value is the key of the map `counters`.
public enum Outcome: UInt32, CaseIterable, Sendable {
    /// Nothing is saved for this endpoint.
    case noRecord = 0
    /// The record's lifetime has passed; it was deleted.
    case expired = 1
    /// The QUIC connection is still alive, or the gate is shut.
    case gated = 2
    /// The handshake's RTT is at most half the saved one or more than ten times as long, or could not be measured.
    case rttMismatch = 3
    /// Another TCP connection already uses this record.
    case inUse = 4
    /// The connection was given the saved parameters.
    case resumed = 5
    /// The kernel refused a socket option.
    case refused = 6
    /// A rule of the operator leaves the client's network alone.
    case excluded = 7
    /// What is saved is too small for a jump (RFC 9959 §3.1: less than four initial windows).
    case tooSmall = 8

    /// How many there are, the size of the map `counters`. A new case comes last and takes the place of this one here.
    @inline(__always) public static var count: UInt32 { tooSmall.rawValue &+ 1 }
}
