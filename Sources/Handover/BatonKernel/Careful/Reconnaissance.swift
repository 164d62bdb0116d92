// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.2: the path is confirmed while TCP does what it always does, within the initial window.
///
/// The handshake's RTT was confirmed before the socket came here. With the jump `at-once` the jump window is open from the
/// start; otherwise once the initial data was acknowledged. The jump itself is put off until more is sent than the ordinary
/// window would have let out (§3.2 allows that): a TLS handshake or a short response doesn't use it up.
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
    // Reported by `reportResumption`, behind the decision.
    connection.pointee.phase = Phase.reconnaissance.rawValue
    count(Trigger.resumed)
}

/// A flight begins with nothing in flight.
@inline(__always)
func beginFlight(_ socket: TCPSocket, _ connection: Connection) {
    let now = Clock.nanoseconds
    connection.pointee.jumpedAtNanoseconds = now
    if now > connection.pointee.expiresAtNanoseconds { skipJump(socket, connection, .lifetimeExceeded) }
}

@inline(__always)
func reconnaissance(_ socket: TCPSocket, _ connection: Connection, acked: UInt32) {
    // `packets_out` has SACKed segments too, and `acked` counts them once they are.
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
    // Slow start, where the window was used (tcp_is_cwnd_limited).
    if flight &* 2 > ordinary { connection.pointee.ordinaryWindow = ordinary &+ acked }
    // What the connection found itself is no less than the jump: it would only hold the window down.
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

/// §3.2: an acknowledgement of all the initial data, without congestion.
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

/// §3.2: Careful Resume isn't used; the window is what it would have been without.
@inline(__always)
private func skipJump(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    socket.congestionWindow = connection.pointee.ordinaryWindow
    enterNormal(socket, connection, trigger)
}
