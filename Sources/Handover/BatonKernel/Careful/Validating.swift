// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.4: all of the jump has been sent; the window grows as TCP's does.
@inline(__always)
func enterValidating(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    let threshold = connection.pointee.ssthreshSegments
    if threshold != 0, threshold < socket.slowStartThreshold { socket.slowStartThreshold = threshold }
    change(socket, connection, to: .validating, trigger)
}

/// Ends slow start when the delay shows that the path is full, as cubic's HyStart and RFC 9406 do.
///
/// The jump was paced at the rate that the path carried before. If the path still carries that, there is no queue.
/// Eight samples in a row (RFC 9406's N_RTT_SAMPLE) that are longer than the minimum RTT by half of it, and by 16 ms at
/// least, mean that the path carries less. RFC 9406's own threshold, an eighth, takes the jitter of a radio link for a
/// queue unless only the first samples of a round trip are compared. The socket's own control couldn't detect the queue
/// later: the minimum RTT that it measures would include it.
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

/// §3.4: whether the last packet of the jump was acknowledged, "or higher".
///
/// While something else is in flight, a higher one is required. Its acknowledgement is the first of a round trip, and
/// the socket's own control counts its round trips from there. When the control was restored in the middle of a round
/// trip, cubic's HyStart took the delay that a burst causes by itself for a full path, and ended slow start at a third
/// of what the path carries.
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
    // Paced at twice the window per RTT, as by tcp_update_pacing_rate in slow start, but no slower than the jump: its
    // acknowledgements arrive as fast as it was sent.
    let twice = socket.congestionWindow &* 2
    let jump = connection.pointee.jumpWindow
    pace(socket, window: twice > jump ? twice : jump, percent: 100)
    if isJumpAcknowledged(socket, connection) {
        enterNormal(socket, connection, .lastUnvalidatedPacketAcknowledged)
    }
}
