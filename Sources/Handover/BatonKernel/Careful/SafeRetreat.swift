// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.5: the jump met congestion. The saved parameters are deleted, "to prevent these from being used again", the
/// window is at most half of what was validated, and it doesn't grow.
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
    // PipeSize is what the jump validated. While a hole holds `snd_una` back packets behind the jump arrive too: they aren't
    // counted, from the one on that RACK saw arrive (RFC 8985).
    if isAfter(last, socket.field("rack.end_seq", as: UInt32.self)) {
        connection.pointee.pipeSize = connection.pointee.pipeSize &+ acked
    }
    if isAfter(last, socket.snd_una) { return }
    // Not in the middle of the kernel's recovery, at whose end another control's window would rise to the threshold at once.
    if connection.pointee.congestionState >= UInt32(CongestionState.reduced.rawValue) { return }
    dropRetransmissions(socket, connection)
    // "ssthresh MUST be set to no larger than the most recently measured PipeSize * Beta".
    socket.slowStartThreshold = connection.pointee.reduced(connection.pointee.pipeSize)
    enterNormal(socket, connection, .exitRecovery)
}

/// Of what was acknowledged, as many segments as were lost had been sent again: the path didn't carry them when the jump went
/// out. What was acknowledged before the congestion counts in any case; the window is half of it.
@inline(__always)
private func dropRetransmissions(_ socket: TCPSocket, _ connection: Connection) {
    let lost = (socket.lost as UInt32) &- connection.pointee.lost
    let before = socket.congestionWindow &* 2
    let all = connection.pointee.pipeSize
    if all <= before { return }
    connection.pointee.pipeSize = all &- before > lost ? all &- lost : before
}
