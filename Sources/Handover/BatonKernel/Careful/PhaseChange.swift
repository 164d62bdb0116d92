// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Changes to another phase, and counts and reports the change. Call it when window and threshold have their new
/// values.
@inline(__always)
func change(_ socket: TCPSocket, _ connection: Connection, to phase: Phase, _ trigger: Trigger) {
    let old = connection.pointee.phase
    connection.pointee.phase = phase.rawValue
    count(trigger)
    report(socket, connection, from: old, trigger)
}

/// Reports a connection's first phase. Called after its decision was reported, so that a reader gets them in this
/// order.
@inline(__always)
func reportResumption(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = connections[sk], let tcp = sk.tcp else { return }
    report(tcp, connection, from: 0, .resumed)
}

/// Called with the socket's lock, so the counter of this CPU needs no atomic operation.
@inline(__always)
func count(_ trigger: Trigger) {
    if let counter = triggers[trigger.rawValue] { counter.pointee &+= 1 }
}

@inline(__always)
private func report(_ socket: TCPSocket, _ connection: Connection, from old: UInt32, _ trigger: Trigger) {
    guard let event = events.reserve(PhaseEvent.self) else { return }
    let first = connection.pointee.firstUnvalidated
    let last = connection.pointee.lastUnvalidated
    let begin = connection.pointee.firstByte
    event.pointee.header = EventHeader(kind: EventHeader.phase)
    event.pointee.timeNanoseconds = Clock.nanoseconds
    event.pointee.socketCookie = connection.pointee.cookie
    event.pointee.endpoint = connection.pointee.claim.endpoint
    event.pointee.savedCwndBytes = connection.pointee.savedCwndBytes
    event.pointee.savedRTTMicroseconds = connection.pointee.savedRTTMicroseconds
    event.pointee.remotePort = connection.pointee.remotePort
    event.pointee.localPort = connection.pointee.localPort
    event.pointee.oldPhase = old
    event.pointee.newPhase = connection.pointee.phase
    event.pointee.trigger = trigger.rawValue
    event.pointee.mssBytes = socket.mss_cache
    event.pointee.pipeSizeSegments = connection.pointee.pipeSize
    event.pointee.cwndSegments = socket.congestionWindow
    event.pointee.ssthreshSegments = socket.slowStartThreshold
    event.pointee.flightSegments = socket.segmentsInFlight
    event.pointee.firstUnvalidatedByte = first != 0 ? first &- begin : 0
    event.pointee.lastUnvalidatedByte = last != 0 ? last &- begin : 0
    event.pointee.srttMicroseconds = socket.smoothedRTTMicroseconds
    event.pointee.minRTTMicroseconds = socket.minimumRTTMicroseconds
    event.pointee.lostSegments = socket.lost
    event.pointee.pacingRate = socket.pacingRate
    events.submit(event)
}
