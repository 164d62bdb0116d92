// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.4: all of the jump is on its way; the window grows as TCP's does.
@inline(__always)
func enterValidating(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    let threshold = connection.pointee.ssthreshSegments
    if threshold != 0, threshold < socket.slowStartThreshold { socket.slowStartThreshold = threshold }
    change(socket, connection, to: .validating, trigger)
}

/// Slow start ends where delay shows that the path is full, as cubic's HyStart and RFC 9406 have it.
///
/// The jump was paced at what the path carried before: where it still does, there is no queue. Eight samples in a row (RFC
/// 9406's N_RTT_SAMPLE) that are half as long again as the smallest RTT, and 16 ms longer at least, mean that it carries less.
/// RFC 9406's own threshold, an eighth, takes the jitter of a radio link for a queue when it isn't asked of a round trip's first
/// samples alone. The control that gets the socket back couldn't tell any more: the smallest RTT that it knows would be one with
/// the queue.
@inline(__always)
private func leaveSlowStartAtQueue(_ socket: TCPSocket, _ connection: Connection) {
    if !socket.isInSlowStart { return }
    let latest = socket.field("rack.rtt_us", as: UInt32.self)
    let smallest = socket.minimumRTTMicroseconds
    let half = smallest >> 1
    if UInt64(latest) < UInt64(smallest) &+ UInt64(half > 16_000 ? half : 16_000) {
        connection.pointee.queueingSamples = 0
        return
    }
    connection.pointee.queueingSamples = connection.pointee.queueingSamples &+ 1
    if connection.pointee.queueingSamples >= 8 { socket.slowStartThreshold = socket.congestionWindow }
}

/// §3.4: an acknowledgement of the last packet of the jump, "or higher".
///
/// Of a higher one as long as there is something else in flight. That is the first acknowledgement of a round trip, and the
/// control that gets the socket back counts its own round trips from there. In the middle of one the delay that a burst
/// makes for itself looked to cubic's HyStart like a full path, and ended slow start at a third of it.
@inline(__always)
private func isJumpAcknowledged(_ socket: TCPSocket, _ connection: Connection) -> Bool {
    let last = connection.pointee.lastUnvalidated
    return isAfter(socket.snd_una, last) || (socket.segmentsInFlight == 0 && !isAfter(last, socket.snd_una))
}

@inline(__always)
func validating(_ socket: TCPSocket, _ connection: Connection, acked: UInt32) {
    connection.pointee.pipeSize = connection.pointee.pipeSize &+ acked
    if let congestion = connection.pointee.congestion(socket) {
        return enterSafeRetreat(socket, connection, congestion)
    }
    leaveSlowStartAtQueue(socket, connection)
    if acked > 0 { socket.renoAvoidCongestion(ack: socket.snd_una, acked: acked) }
    // Twice the window as tcp_update_pacing_rate has it in slow start; but no slower than the jump, for its acknowledgements
    // come as fast as it went.
    let twice = socket.congestionWindow &* 2
    let jump = connection.pointee.jumpWindow
    pace(socket, window: twice > jump ? twice : jump, percent: 100)
    if isJumpAcknowledged(socket, connection) {
        enterNormal(socket, connection, .lastUnvalidatedPacketAcknowledged)
    }
}
