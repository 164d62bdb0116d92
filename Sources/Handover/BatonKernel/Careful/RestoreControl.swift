// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

// A socket leaves Careful Resume before its Normal Phase: the handover is detached, the application chooses another
// congestion control, or the connection closes. The kernel calls `release` of the control that goes, and then `init` of
// the one that comes.

/// Gives sockets that Careful Resume still has their own control back, one after the other: for `detach`, since a
/// socket without traffic would keep this control until it sends. The kernel holds each one's lock meanwhile.
@section("iter/tcp")
func restoreAllControls(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<SockCommon>?) {
    guard let tcp = socket?.tcp, let connection = connections[tcp], connection.pointee.isUnderway else { return }
    restoreControl(tcp, connection)
}

/// The connection closes during Careful Resume. Its socket may be connected anew (`tcp_disconnect`), and would then
/// begin with this control, of which it has no use.
@inline(__always)
func restoreControlAtClose(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = connections[sk], connection.pointee.isUnderway else { return }
    connection.pointee.phase = closedPhase
    _ = socket.setCongestionControl(&connection.pointee.previousControl)
}

/// Instead of a `Phase`: the connection closed before the Normal Phase.
@inline(__always) private var closedPhase: UInt32 { 0 }

/// The socket gets another control (`tcp_cleanup_congestion_control`). In `enterNormal` it is in the Normal Phase
/// already.
@section("struct_ops/tcp_congestion_ops/careful/release")
func carefulRelease(_ socket: TCPSocket) {
    guard let connection = connections[socket], connection.pointee.phase != Phase.normal.rawValue else { return }
    restorePacing(socket, connection)
    if connection.pointee.phase == closedPhase { return }
    boundByFlight(socket, connection)
    change(socket, connection, to: .normal, isDetached ? .detached : .controlChanged)
}

/// No more may be in flight than is, or than TCP would have let out without the jump.
@inline(__always)
func boundByFlight(_ socket: TCPSocket, _ connection: Connection) {
    let flight = socket.segmentsInFlight
    let ordinary = connection.pointee.ordinaryWindow
    let window = flight > ordinary ? flight : ordinary
    if window < socket.congestionWindow { socket.congestionWindow = window }
}

extension CarefulConnection {
    /// Whether Careful Resume has the connection: it began, and has not come to its end.
    @inline(__always) fileprivate var isUnderway: Bool { phase != closedPhase && phase != Phase.normal.rawValue }
}
