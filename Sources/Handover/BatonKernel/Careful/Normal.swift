// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.7: the socket's own control is in charge again, with the window and threshold that Careful Resume
/// leaves. Only the socket storage stays, in which the connection's observations of the path are kept.
@inline(__always)
func enterNormal(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    restorePacing(socket, connection)
    change(socket, connection, to: .normal, trigger)
    restoreControl(socket, connection)
}

/// RFC 9959 §3.6: the retransmission timer expired. The kernel has set the window to what is in flight plus one
/// segment.
///
/// The saved parameters are deleted if the jump had begun. Before the jump's first acknowledgement the phase is still
/// Reconnaissance; then the flight size shows whether it had.
@inline(__always)
func retransmissionTimeout(_ socket: TCPSocket, _ connection: Connection) {
    if connection.pointee.phase != Phase.reconnaissance.rawValue
        || socket.segmentsInFlight > connection.pointee.ordinaryWindow
    {
        deleteRecord(connection.pointee.claim)
    }
    enterNormal(socket, connection, .retransmissionTimeout)
}
