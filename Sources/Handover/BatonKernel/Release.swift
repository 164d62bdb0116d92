// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

// How a socket leaves the handover. Careful Resume may end before its Normal Phase: the handover is detached, the
// application chooses another congestion control, or the connection closes. At each switch the kernel calls `release`
// of the old control, and then `init` of the new one.

/// Restores the socket's own control, or sets Reno if that was unloaded meanwhile.
@inline(__always)
func restoreControl(_ socket: TCPSocket, _ connection: Connection) {
    let name =
        (UnsafeMutableRawPointer(connection) + (MemoryLayout<CarefulConnection>.offset(of: \.previousControl) ?? 0))
        .assumingMemoryBound(to: CongestionControlName.self)
    if socket.setCongestionControl(name) == 0 { return }
    name.pointee = .reno
    _ = socket.setCongestionControl(name)
}

/// Restores the own control of every socket that is still in Careful Resume. `detach` runs this program, because a
/// socket without traffic would keep this control until it sends. The kernel holds the lock of each socket meanwhile.
@section("iter/tcp")
func restoreAllControls(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<SockCommon>?) {
    guard let tcp = socket?.tcp, let connection = connections[tcp], connection.pointee.isUnderway else { return }
    restoreControl(tcp, connection)
}

/// The connection closes during Careful Resume. Its socket may be connected again (`tcp_disconnect`), and must not
/// start with this control then.
@inline(__always)
func restoreControlAtClose(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = connections[sk], connection.pointee.isUnderway else { return }
    connection.pointee.phase = closedPhase
    _ = socket.setCongestionControl(&connection.pointee.previousControl)
}

/// A value of `phase` that is no `Phase`: the connection closed before the Normal Phase.
@inline(__always) private var closedPhase: UInt32 { 0 }

/// The socket gets another control (`tcp_cleanup_congestion_control`). If that comes from `enterNormal`, the phase is
/// already Normal.
@section("struct_ops/tcp_congestion_ops/careful/release")
func carefulRelease(_ socket: TCPSocket) {
    guard let connection = connections[socket], connection.pointee.phase != Phase.normal.rawValue else { return }
    restorePacing(socket, connection)
    if connection.pointee.phase == closedPhase { return }
    boundByFlight(socket, connection)
    change(socket, connection, to: .normal, isDetached ? .detached : .controlChanged)
}

/// Limits the window to what is in flight, or to the window that TCP would have without the jump if that is larger.
@inline(__always)
func boundByFlight(_ socket: TCPSocket, _ connection: Connection) {
    let flight = socket.segmentsInFlight
    let ordinary = connection.pointee.ordinaryWindow
    let window = flight > ordinary ? flight : ordinary
    if window < socket.congestionWindow { socket.congestionWindow = window }
}

extension CarefulConnection {
    /// Whether Careful Resume has begun for the connection and has not ended.
    @inline(__always) fileprivate var isUnderway: Bool { phase != closedPhase && phase != Phase.normal.rawValue }
}

/// The handover was detached: the window is limited to what is in flight, and Careful Resume ends.
@inline(__always)
func exitDetached(_ socket: TCPSocket, _ connection: Connection) {
    boundByFlight(socket, connection)
    enterNormal(socket, connection, .detached)
}

/// Whether the handover of this control was detached.
var isDetached: Bool {
    @inline(__always) get {
        guard let configuration = configuration[0] else { return true }
        return configuration.pointee.policy == KernelConfiguration.detachedPolicy
    }
}

/// An application chose this control by name for a connection that wasn't resumed. The connection gets Reno instead.
@inline(__always)
func switchToReno(_ socket: TCPSocket) {
    var reno = CongestionControlName.reno
    _ = withUnsafeMutablePointer(to: &reno) { socket.setCongestionControl($0) }
}

/// The connection closed: releases its claim and frees the state of Careful Resume.
@inline(__always)
func freeCarefulState(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = connections[sk] else { return }
    releaseClaim(connection.pointee.claim, heldBy: connection.pointee.cookie)
    connections.remove(sk)
}

/// The connection closed: releases its claim and frees the state of the policy `exact`.
@inline(__always)
func endExact(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = exactConnections[sk] else { return }
    releaseClaim(connection.pointee.claim, heldBy: socket.cookie)
    if connection.pointee.isPaced != 0 { _ = socket.setMaximumPacingRate(connection.pointee.previousPacingRate) }
    exactConnections.remove(sk)
}
