// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

// The congestion control of the policy `careful`: Careful Resume (RFC 9959). A resumed connection has it from
// ESTABLISHED on, and gets its own control back when it reaches the Normal Phase.
//
// The kernel calls the functions in this file; each phase has a file of its own.

/// The socket was switched to this control.
@section("struct_ops/tcp_congestion_ops/careful/init")
func carefulInit(_ socket: TCPSocket) {
    // Only once: if an application chooses this control for a connection that was resumed before, there is no second
    // jump.
    guard let connection = connections[socket], connection.pointee.phase == 0 else { return switchToReno(socket) }
    enterReconnaissance(socket, connection)
}

/// An acknowledgement arrived.
@section("struct_ops/tcp_congestion_ops/careful/cong_control")
func carefulCongControl(_ socket: TCPSocket) {
    guard let connection = connections[socket] else { return growAsReno(socket) }
    let acked = connection.pointee.newlyDelivered(socket)
    if isDetached {
        return exitDetached(socket, connection)
    }
    let phase = connection.pointee.phase
    if phase == Phase.reconnaissance.rawValue {
        reconnaissance(socket, connection, acked: acked)
    } else if phase == Phase.unvalidated.rawValue {
        unvalidated(socket, connection, acked: acked)
    } else if phase == Phase.validating.rawValue {
        validating(socket, connection, acked: acked)
    } else if phase == Phase.safeRetreat.rawValue {
        safeRetreat(socket, connection, acked: acked)
    } else {
        growAsReno(socket)
    }
    connection.pointee.acknowledged = socket.snd_una
}

/// The slow start threshold after congestion.
@section("struct_ops/tcp_congestion_ops/careful/ssthresh")
func carefulSSThresh(_ socket: TCPSocket) -> UInt32 {
    guard let connection = connections[socket] else { return socket.renoSlowStartThreshold() }
    let isBeforeJump = connection.pointee.phase == Phase.reconnaissance.rawValue
    return connection.pointee.reduced(isBeforeJump ? connection.pointee.ordinaryWindow : connection.pointee.pipeSize)
}

/// The state of loss recovery changed. The retransmission timer ends Careful Resume (RFC 9959 §3.6).
@section("struct_ops/tcp_congestion_ops/careful/set_state")
func carefulSetState(_ socket: TCPSocket, _ state: UInt8) {
    guard let connection = connections[socket] else { return }
    connection.pointee.congestionState = UInt32(state)
    if state >= CongestionState.reduced.rawValue { connection.pointee.wasReduced = 1 }
    if state == CongestionState.loss.rawValue { retransmissionTimeout(socket, connection) }
}

/// A flight begins: the last moment to see that the lifetime of the saved parameters has passed (RFC 9959 §4.3.1).
@section("struct_ops/tcp_congestion_ops/careful/cwnd_event")
func carefulCwndEvent(_ socket: TCPSocket, _ event: CongestionEvent) {
    guard event == .transmissionStart, let connection = connections[socket] else { return }
    if isDetached {
        exitDetached(socket, connection)
    } else if connection.pointee.phase == Phase.reconnaissance.rawValue {
        beginFlight(socket, connection)
    }
}

/// A loss was spurious. The window isn't restored, because it must not grow in Safe Retreat (RFC 9959 §3.5).
@section("struct_ops/tcp_congestion_ops/careful/undo_cwnd")
func carefulUndoCwnd(_ socket: TCPSocket) -> UInt32 { socket.congestionWindow }

// MARK: Sockets that nobody resumed

/// For a socket that has this control without being in Careful Resume, should that ever happen: RFC 5681 in a few
/// lines.
@inline(__always)
private func growAsReno(_ socket: TCPSocket) {
    let lost: UInt32 = socket.lost_out
    let retransmitted: UInt32 = socket.retrans_out
    if lost &+ retransmitted > 0 {
        if socket.congestionWindow > socket.slowStartThreshold {
            socket.congestionWindow = socket.slowStartThreshold
        }
    } else {
        socket.renoAvoidCongestion(ack: socket.snd_una, acked: 1)
    }
}
