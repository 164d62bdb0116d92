// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

// A socket leaves Careful Resume before its Normal Phase: the hand-over is detached, or the application chooses another
// congestion control. Either way the kernel calls `release` of the control that goes, and then `init` of the one that comes.

/// Gives sockets that Careful Resume still has their own control back, one after the other: for `detach`, since a socket
/// without traffic would keep this control until it sends. The kernel holds each one's lock meanwhile.
@section("iter/tcp")
func giveBackAll(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<SockCommon>?) {
    guard let tcp = socket?.tcp, let connection = connections[tcp], connection.pointee.isUnderway else { return }
    giveBack(tcp, connection)
}

/// The socket gets another control (`tcp_cleanup_congestion_control`). In `enterNormal` it is in the Normal Phase already,
/// and at the end of a connection nothing is left to put right.
@section("struct_ops/tcp_congestion_ops/careful/release")
func carefulRelease(_ socket: TCPSocket) {
    guard let connection = connections[socket], connection.pointee.isUnderway else { return }
    boundByFlight(socket, connection)
    socket.pacingStatus = connection.pointee.previousPacingStatus
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
    /// Whether Careful Resume has the connection: it began, and has not come to the Normal Phase.
    @inline(__always) fileprivate var isUnderway: Bool { phase != 0 && phase != Phase.normal.rawValue }
}
