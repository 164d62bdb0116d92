// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.2: the path is confirmed while TCP sends as usual, within the initial window.
///
/// The handshake's RTT was confirmed before this. With the jump `at-once` the jump window is open from the start,
/// otherwise when the initial data has been acknowledged. The jump itself is delayed until more is sent than the
/// ordinary window allows (§3.2 permits that), so that a TLS handshake or a short response doesn't use it up.
@inline(__always)
func enterReconnaissance(_ socket: TCPSocket, _ connection: Connection) {
    connection.pointee.delivered = socket.delivered
    connection.pointee.deliveredCE = socket.delivered_ce
    connection.pointee.lost = socket.lost
    connection.pointee.firstByte = socket.snd_una
    connection.pointee.acknowledged = socket.snd_una
    connection.pointee.previousPacingStatus = socket.pacingStatus
    connection.pointee.jumpedAtNanoseconds = Clock.nanoseconds
    if connection.pointee.isOpen != 0 { openJumpWindow(socket, connection) }
    // `reportResumption` reports it, after the decision.
    connection.pointee.phase = Phase.reconnaissance.rawValue
    count(Trigger.resumed)
}

/// A flight begins: nothing was in flight before.
@inline(__always)
func beginFlight(_ socket: TCPSocket, _ connection: Connection) {
    let now = Clock.nanoseconds
    connection.pointee.jumpedAtNanoseconds = now
    if now > connection.pointee.expiresAtNanoseconds { skipJump(socket, connection, .lifetimeExceeded) }
}

@inline(__always)
func reconnaissance(_ socket: TCPSocket, _ connection: Connection, acked: UInt32) {
    // What was in flight before this acknowledgement: `packets_out` includes SACKed segments, which `acked` counts when
    // they are SACKed.
    let sacked: UInt32 = socket.sacked_out
    let flight = socket.segmentsInFlight &- sacked &+ acked
    let ordinary = connection.pointee.ordinaryWindow
    if connection.pointee.isOpen != 0, flight > ordinary {
        enterUnvalidated(socket, connection)
        return unvalidated(socket, connection, acked: acked)
    }
    if let congestion = connection.pointee.congestion(socket) { return skipJump(socket, connection, congestion) }
    if !connection.pointee.isConfirmed(rttMicroseconds: socket.minimumRTTMicroseconds) {
        return skipJump(socket, connection, .rttNotValidated)
    }
    if Clock.nanoseconds > connection.pointee.expiresAtNanoseconds {
        return skipJump(socket, connection, .lifetimeExceeded)
    }
    // Slow start, if the window was used (tcp_is_cwnd_limited).
    if flight &* 2 > ordinary { connection.pointee.ordinaryWindow = ordinary &+ acked }
    // TCP's own window has reached the jump's: the jump would only hold it down.
    if connection.pointee.ordinaryWindow >= connection.pointee.jumpWindow {
        return skipJump(socket, connection, .rateLimited)
    }
    if connection.pointee.isOpen == 0 {
        socket.congestionWindow = connection.pointee.ordinaryWindow
        if isInitialDataAcknowledged(socket, connection) {
            connection.pointee.isOpen = 1
            connection.pointee.jumpedAtNanoseconds = Clock.nanoseconds
        }
    }
    if connection.pointee.isOpen != 0 { openJumpWindow(socket, connection) }
}

/// §3.2: whether all initial data has been acknowledged. Congestion was checked before.
@inline(__always)
private func isInitialDataAcknowledged(_ socket: TCPSocket, _ connection: Connection) -> Bool {
    if socket.segmentsInFlight == 0 { return true }
    let bytes = (socket.snd_una as UInt32) &- connection.pointee.firstByte
    return UInt64(bytes) >= UInt64(connection.pointee.initialWindow) &* UInt64(connection.pointee.maximumSegmentSize)
}

/// §3.3: CWND = `jump_cwnd`, paced on the current RTT.
@inline(__always)
private func openJumpWindow(_ socket: TCPSocket, _ connection: Connection) {
    socket.congestionWindow = connection.pointee.jumpWindow
    pace(socket, window: connection.pointee.jumpWindow, percent: 100)
}

/// §3.2: Careful Resume isn't used; the window is the one that TCP would have without it.
@inline(__always)
private func skipJump(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    socket.congestionWindow = connection.pointee.ordinaryWindow
    enterNormal(socket, connection, trigger)
}
