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

/// The control that the socket had; Reno, which is always there, if that was unloaded meanwhile.
@inline(__always)
func restoreControl(_ socket: TCPSocket, _ connection: Connection) {
    let name =
        (UnsafeMutableRawPointer(connection) + (MemoryLayout<CarefulConnection>.offset(of: \.previousControl) ?? 0))
        .assumingMemoryBound(to: CongestionControlName.self)
    if socket.setCongestionControl(name) == 0 { return }
    name.pointee = CongestionControlName(low: 0x6f6e_6572)  // "reno"
    _ = socket.setCongestionControl(name)
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

/// The handover was detached: no more may be in flight than is.
@inline(__always)
func exitDetached(_ socket: TCPSocket, _ connection: Connection) {
    boundByFlight(socket, connection)
    enterNormal(socket, connection, .detached)
}

/// Whether the handover that gave the socket to this control was detached.
var isDetached: Bool {
    @inline(__always) get {
        guard let configuration = configuration[0] else { return true }
        return configuration.pointee.policy == KernelConfiguration.detachedPolicy
    }
}

/// Deletes a record, unless a newer one took its place.
@inline(__always)
func deleteRecord(_ claim: Claim) {
    guard let record = saved[claim.endpoint], record.pointee.generation == claim.generation else { return }
    saved.remove(claim.endpoint)
}
