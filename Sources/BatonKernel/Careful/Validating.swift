// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.4: all of the jump is on its way; the window grows as TCP's does.
@inline(__always)
func enterValidating(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    change(socket, connection, to: .validating, trigger)
}

@inline(__always)
func validating(_ socket: TCPSocket, _ connection: Connection, acked: UInt32) {
    connection.pointee.pipeSize = connection.pointee.pipeSize &+ acked
    if let congestion = connection.pointee.congestion(socket) {
        return enterSafeRetreat(socket, connection, congestion)
    }
    if acked > 0 { socket.renoAvoidCongestion(ack: socket.snd_una, acked: acked) }
    // As tcp_update_pacing_rate has it in slow start.
    pace(socket, window: socket.congestionWindow, percent: 200)
    if !isAfter(connection.pointee.lastUnvalidated, socket.snd_una) {
        enterNormal(socket, connection, .lastUnvalidatedPacketAcknowledged)
    }
}
