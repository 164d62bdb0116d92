// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// RFC 9959 §3.7: the socket's own control is in charge again, with the window and threshold that Careful Resume leaves.
/// Nothing of ours stays on the socket but its storage, by which the connection observes the path.
@inline(__always)
func enterNormal(_ socket: TCPSocket, _ connection: Connection, _ trigger: Trigger) {
    restorePacing(socket, connection)
    change(socket, connection, to: .normal, trigger)
    restoreControl(socket, connection)
}

/// RFC 9959 §3.6: the retransmission timer went off. The kernel has set the window to what is in flight and one segment.
///
/// The saved parameters are deleted if the jump was on its way. Without any acknowledgement of it the phase is still
/// Reconnaissance; then the flight size tells.
@inline(__always)
func retransmissionTimeout(_ socket: TCPSocket, _ connection: Connection) {
    if connection.pointee.phase != Phase.reconnaissance.rawValue
        || socket.segmentsInFlight > connection.pointee.ordinaryWindow
    {
        deleteRecord(connection.pointee.claim)
    }
    enterNormal(socket, connection, .retransmissionTimeout)
}
