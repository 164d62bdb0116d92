// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.5: the jump met congestion. The saved parameters are deleted, "to prevent these from being used again",
/// the window is at most half of what was validated, and it doesn't grow.
@inline(__always)
func enterSafeRetreat(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    deleteRecord(connection.pointee.claim)
    if connection.pointee.phase == Phase.unvalidated.rawValue { connection.pointee.lastUnvalidated = socket.snd_nxt }
    let half = connection.pointee.pipeSize / 2
    socket.congestionWindow = half > 1 ? half : 1
    pace(socket, window: socket.congestionWindow, percent: 120)
    change(socket, connection, to: .safeRetreat, trigger)
}

@inline(__always)
func safeRetreat(_ socket: TCPSocket, _ connection: Connection, acked: UInt32) {
    let last = connection.pointee.lastUnvalidated
    // PipeSize is what the jump validated. While a hole holds `snd_una` back, packets that were sent after the jump
    // arrive too. They aren't counted: RACK knows the latest packet that arrived (RFC 8985).
    if isAfter(last, socket.field("rack.end_seq", as: UInt32.self)) {
        connection.pointee.pipeSize = connection.pointee.pipeSize &+ acked
    }
    if isAfter(last, socket.snd_una) { return }
    // Not during the kernel's recovery: at its end, the window of another control would rise to the threshold at once.
    if connection.pointee.congestionState >= UInt32(CongestionState.reduced.rawValue) { return }
    dropRetransmissions(socket, connection)
    // "ssthresh MUST be set to no larger than the most recently measured PipeSize * Beta".
    socket.slowStartThreshold = connection.pointee.reduced(connection.pointee.pipeSize)
    enterNormal(socket, connection, .exitRecovery)
}

/// Subtracts the lost segments from PipeSize: their retransmissions were acknowledged, but the path didn't carry them
/// when the jump was sent. What was acknowledged before the congestion counts in any case; it is twice the window.
@inline(__always)
private func dropRetransmissions(_ socket: TCPSocket, _ connection: Connection) {
    let lost = (socket.lost as UInt32) &- connection.pointee.lost
    let before = socket.congestionWindow &* 2
    let all = connection.pointee.pipeSize
    if all <= before { return }
    connection.pointee.pipeSize = all &- before > lost ? all &- lost : before
}
