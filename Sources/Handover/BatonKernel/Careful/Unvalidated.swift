// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.3: the jump. It began with the first packet beyond the ordinary window, so that window was the flight
/// size, with which PipeSize begins.
@inline(__always)
func enterUnvalidated(_ socket: TCPSocket, _ connection: Connection) {
    let ordinary = connection.pointee.ordinaryWindow
    connection.pointee.pipeSize = ordinary
    connection.pointee.firstUnvalidated =
        connection.pointee.acknowledged &+ ordinary &* connection.pointee.maximumSegmentSize
    change(socket, connection, to: .unvalidated, .congestionWindowLimited)
}

@inline(__always)
func unvalidated(_ socket: TCPSocket, _ connection: Connection, acked: UInt32) {
    connection.pointee.pipeSize = connection.pointee.pipeSize &+ acked
    if let congestion = connection.pointee.congestion(socket) {
        return enterSafeRetreat(socket, connection, congestion)
    }
    // The jump's own queue can't lower the minimum RTT, so this is another path.
    if socket.minimumRTTMicroseconds <= connection.pointee.lowestRTTMicroseconds {
        return enterSafeRetreat(socket, connection, .pathChanged)
    }
    let flight = socket.segmentsInFlight
    if isAfter(socket.snd_una, connection.pointee.firstUnvalidated) {
        endUnvalidated(socket, connection, .firstUnvalidatedPacketAcknowledged)
    } else if flight >= socket.congestionWindow {
        endUnvalidated(socket, connection, .lastUnvalidatedPacketSent)
    } else if Clock.nanoseconds &- connection.pointee.jumpedAtNanoseconds
        > UInt64(socket.smoothedRTTMicroseconds) &* 1000
    {
        endUnvalidated(socket, connection, .rttExceeded)
    }
}

/// §3.3: "CWND = flight size", then Validating; or, if no more was sent than is validated, "CWND = PipeSize", then
/// Normal.
@inline(__always)
private func endUnvalidated(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    let flight = socket.segmentsInFlight
    let pipeSize = connection.pointee.pipeSize
    let initial = connection.pointee.initialWindow
    connection.pointee.lastUnvalidated = socket.snd_nxt
    if flight < initial || flight <= pipeSize {
        socket.congestionWindow = pipeSize > initial ? pipeSize : initial
        enterNormal(socket, connection, .rateLimited)
    } else {
        socket.congestionWindow = flight
        enterValidating(socket, connection, trigger)
    }
}
