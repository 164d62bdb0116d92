// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// What a TCP connection finds the path to carry (RFC 9959 §3.1), round trip by round trip.
struct Observation {
    /// When the round began, `Clock.nanoseconds`; 0: no round is under way.
    var startedAtNanoseconds: UInt64
    /// Segments that had been delivered when the round began (`delivered`, which includes SACKed segments).
    var delivered: UInt32
    /// The round ends when this sequence number is acknowledged.
    var end: UInt32
    /// Bytes that the path carried within its minimum RTT, in the last round and in the one before.
    var carriedBytes: UInt64
    var previouslyCarriedBytes: UInt64
}

/// Called for each RTT sample of a connection in the Normal Phase.
///
/// A round counts if at least half of the window was used in it (RFC 7661 §4.3 calls that validated): a round in which
/// the application or the peer's window held the sender back shows nothing about the path. What was acknowledged in a
/// round is scaled to the path's minimum RTT, so that a queue doesn't count as capacity, slow start's overshoot
/// included.
@inline(__always)
func observe(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = connections[sk],
        connection.pointee.phase == Phase.normal.rawValue, let tcp = sk.tcp
    else { return }
    let acknowledged: UInt32 = tcp.snd_una
    let round = connection.pointee.observation
    if round.startedAtNanoseconds != 0, isAfter(round.end, acknowledged) { return }
    let now = Clock.nanoseconds
    if round.startedAtNanoseconds != 0 {
        // Not from `snd_una`: when a hole is filled, it advances by more than one round trip carried.
        let segments = (tcp.delivered as UInt32) &- round.delivered
        let bytes = UInt64(segments) &* averageSegmentBytes(tcp, connection)
        let window = UInt64(tcp.congestionWindow) &* UInt64(connection.pointee.maximumSegmentSize)
        let duration = now &- round.startedAtNanoseconds
        if bytes &* 2 >= window, duration > 0 {
            let atMinimum = bytes &* UInt64(tcp.minimumRTTMicroseconds) &* 1000 / duration
            connection.pointee.observation.previouslyCarriedBytes = round.carriedBytes
            connection.pointee.observation.carriedBytes = atMinimum < bytes ? atMinimum : bytes
        }
    }
    let next: UInt32 = tcp.snd_nxt
    connection.pointee.observation.startedAtNanoseconds = next != acknowledged ? now : 0
    connection.pointee.observation.delivered = tcp.delivered
    connection.pointee.observation.end = next
}

/// The average payload of a segment: a sender of small messages doesn't fill its segments.
@inline(__always)
private func averageSegmentBytes(_ tcp: TCPSocket, _ connection: Connection) -> UInt64 {
    let full = UInt64(connection.pointee.maximumSegmentSize)
    let segments: UInt32 = tcp.data_segs_out
    if segments == 0 { return full }
    let average = (tcp.bytes_sent as UInt64) / UInt64(segments)
    return average < full ? average : full
}

/// The connection ends well: what it found replaces the record that it used, unless a newer QUIC connection has saved
/// one.
@inline(__always)
func saveObservation(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = connections[sk],
        connection.pointee.phase == Phase.normal.rawValue, let tcp = sk.tcp
    else { return }
    let observation = connection.pointee.observation
    let carried =
        observation.carriedBytes > observation.previouslyCarriedBytes
        ? observation.carriedBytes : observation.previouslyCarriedBytes
    // During retransmission timeouts nothing is known about the path.
    if carried == 0 || (tcp.field("inet_conn.icsk_backoff", as: UInt8.self)) != 0 { return }
    var claim = connection.pointee.claim
    let present = saved.value(for: &claim.endpoint)
    if let present, present.pointee.generation != claim.generation { return }
    // Whether the path limited the connection. If not, its own short responses did: the path may carry more than it
    // found, and a record with a larger window stays.
    let lost: UInt32 = tcp.lost
    let isPath = lost != 0 || isQueueing(tcp.smoothedRTTMicroseconds, smallest: tcp.minimumRTTMicroseconds)
    if !isPath, present != nil, carried < connection.pointee.savedCwndBytes { return }
    guard let configuration = configuration[0] else { return }
    let smallest = configuration.pointee.smallestWindowBytes(
        initialWindowBytes: UInt64(connection.pointee.initialWindow) &* UInt64(connection.pointee.maximumSegmentSize))
    if carried < smallest {
        // Too little for a jump (RFC 9959 §3.1).
        if isPath { saved.remove(&claim.endpoint) }
        return
    }
    let now = Clock.nanoseconds
    let threshold = tcp.slowStartThreshold
    let lifetime = present?.pointee.lifetimeNanoseconds ?? 0
    // The connection claims the new record until it is closed: it may still have much to send.
    releaseClaim(claim, heldBy: connection.pointee.cookie)
    claim.generation = now
    claims.update(connection.pointee.cookie, for: &claim)
    connection.pointee.claim.generation = now
    let record = SavedParameters(
        cwndBytes: carried,
        ssthreshBytes: threshold >= Decision.infiniteSSThresh
            ? SavedParameters.neverLost : UInt64(threshold) &* UInt64(connection.pointee.maximumSegmentSize),
        savedAtNanoseconds: now, lastHeardAtNanoseconds: now, lifetimeNanoseconds: lifetime, generation: now,
        srttMicroseconds: tcp.smoothedRTTMicroseconds, minRTTMicroseconds: tcp.minimumRTTMicroseconds,
        flags: SavedParameters.failedFlag | SavedParameters.tcpFlag)
    saved.update(record, for: &claim.endpoint)
}
