// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Goes to another phase, and counts and tells it. To be called once window and threshold are what they are to be.
@inline(__always)
func change(_ socket: TCPSocket, _ connection: Connection, to phase: Phase, _ trigger: Trigger) {
    let old = connection.pointee.phase
    connection.pointee.phase = phase.rawValue
    if let counter = triggers[trigger.rawValue] { counter.pointee &+= 1 }
    guard let event = phases.reserve() else { return }
    let first = connection.pointee.firstUnvalidated
    let last = connection.pointee.lastUnvalidated
    let begin = connection.pointee.firstByte
    event.pointee.timeNanoseconds = Clock.nanoseconds
    event.pointee.socketCookie = connection.pointee.cookie
    event.pointee.endpoint = connection.pointee.claim.endpoint
    event.pointee.savedCwndBytes = connection.pointee.savedCwndBytes
    event.pointee.savedRTTMicroseconds = connection.pointee.savedRTTMicroseconds
    event.pointee.remotePort = connection.pointee.remotePort
    event.pointee.localPort = connection.pointee.localPort
    event.pointee.oldPhase = old
    event.pointee.newPhase = phase.rawValue
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
    phases.submit(event)
}
