// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// `SO_MAX_PACING_RATE` of a socket that has no limit.
@inline(__always) var unlimitedPacing: UInt32 { .max }

/// Spreads the first flight over a round trip (RFC 9959: "paced on the current RTT"). Sent at line rate it would
/// overflow the queue that the QUIC connection shared.
@inline(__always)
func pace(
    _ socket: SockOps, _ connection: UnsafeMutablePointer<ExactConnection>, window: UInt64, _ event: inout Decision
) {
    let rtt = UInt64(event.handshakeRTTMicroseconds)
    if rtt == 0 { return }
    let rate = window &* 1_000_000 / rtt
    let limit = UInt64(unlimitedPacing) &- 1
    let bounded = UInt32(truncatingIfNeeded: rate < limit ? rate : limit)
    if bounded >= connection.pointee.previousPacingRate { return }
    if socket.setMaximumPacingRate(bounded) == 0 {
        connection.pointee.isPaced = 1
        event.pacingRate = bounded
    }
}

/// Lifts the pacing limit at the end of the jump's first round trip. From then on TCP paces as it would without Baton.
///
/// A round trip in which no more was sent than the kernel's own initial window (a TLS handshake, a short response)
/// isn't part of the jump. The flag that requests these calls stays set, because another program may have requested
/// them too.
@inline(__always)
func liftPacing(_ socket: SockOps) {
    guard let sk = socket.socket, let connection = exactConnections[sk], connection.pointee.isPaced != 0 else { return }
    if socket.dataSegmentsSent <= connection.pointee.initialCwndSegments { return }
    if socket.setMaximumPacingRate(connection.pointee.previousPacingRate) == 0 { connection.pointee.isPaced = 0 }
}
