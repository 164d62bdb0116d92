// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Starts Careful Resume for a connection that was just established, with the values in `event`. All or nothing: if the
/// kernel refuses a step, the socket is as it was.
@inline(__always)
func applyCareful(
    _ socket: SockOps, _ configuration: UnsafeMutablePointer<KernelConfiguration>, limit: UInt64,
    expiresAt: UInt64, _ event: inout Decision
) -> Outcome {
    guard let sk = socket.socket, let tcp = sk.tcp, let mss = sk.maximumSegmentSize else {
        event.error = Failure.invalid
        return .refused
    }
    event.describe(socket, mss: mss)

    // A clamp is a limit that the operator set (a locked `cwnd` of the route, `TCP_BPF_SNDCWND_CLAMP`).
    let clamp: UInt32 = tcp.snd_cwnd_clamp
    var jump = jumpWindow(event.savedCwndBytes, mss: mss, limit: limit, configuration)
    if jump > clamp { jump = clamp }
    let ordinary = event.initialCwndSegments
    let minimum = configuration.pointee.smallestWindowBytes(initialWindowBytes: UInt64(ordinary) &* UInt64(mss))
    event.jumpSegments = jump
    if event.savedCwndBytes < minimum || jump <= ordinary { return .tooSmall }
    event.jumpMoment = configuration.pointee.jump
    event.validatedSSThreshSegments = threshold(event, mss: mss)

    // A socket that was disconnected and connected again may still have its old state.
    connections.remove(sk)
    guard let connection = connections.createZeroed(for: sk) else {
        event.error = Failure.noMemory
        return .refused
    }
    // Read before the switch: nobody else can change it in between.
    guard socket.congestionControl(into: &connection.pointee.previousControl) == 0 else {
        connections.remove(sk)
        event.error = Failure.invalid
        return .refused
    }
    event.congestionControl = connection.pointee.previousControl
    // Setting the control that the socket already has changes nothing, and shows whether it can be restored later: the
    // kernel doesn't let BPF choose every control. A handover's own control couldn't be restored either.
    event.error =
        event.congestionControl.isBaton ? Failure.busy : socket.setCongestionControl(&event.congestionControl)
    if event.error != 0 {
        connections.remove(sk)
        return .refused
    }
    connection.pointee.claim = Claim(endpoint: event.endpoint, generation: event.generation)
    connection.pointee.cookie = event.socketCookie
    connection.pointee.savedCwndBytes = event.savedCwndBytes
    connection.pointee.expiresAtNanoseconds = expiresAt
    connection.pointee.remotePort = event.remotePort
    connection.pointee.localPort = event.localPort
    connection.pointee.maximumSegmentSize = mss
    connection.pointee.initialWindow = ordinary
    connection.pointee.ordinaryWindow = ordinary
    connection.pointee.jumpWindow = jump
    connection.pointee.ssthreshSegments = event.validatedSSThreshSegments
    connection.pointee.savedRTTMicroseconds = event.savedRTTMicroseconds
    let bounds = RTTBounds(saved: event.savedRTTMicroseconds, configuration)
    connection.pointee.lowestRTTMicroseconds = bounds.lowest
    connection.pointee.highestRTTMicroseconds = bounds.highest
    let beta = configuration.pointee.betaPercent
    connection.pointee.betaPercent = beta != 0 ? beta : connection.pointee.previousControl.isCubic ? 70 : 50
    connection.pointee.isOpen = event.jumpMoment == Jump.atOnce.rawValue ? 1 : 0

    event.error = socket.setCongestionControl(&configuration.pointee.control)
    if event.error != 0 {
        connections.remove(sk)
        return .refused
    }
    socket.request([.roundTrips, .stateChanges])
    event.cwndSegments = socket.congestionWindow
    event.ssthreshSegments = socket.slowStartThreshold
    let rate = tcp.pacingRate
    event.pacingRate =
        event.jumpMoment != Jump.atOnce.rawValue
        ? 0 : rate < UInt64(UInt32.max) ? UInt32(truncatingIfNeeded: rate) : .max
    return .resumed
}

/// RFC 9959 §3.3: `jump_cwnd` is at most half of `saved_cwnd`, and at most `max_jump`; rounded down to segments.
@inline(__always)
private func jumpWindow(
    _ saved: UInt64, mss: UInt32, limit: UInt64, _ configuration: UnsafeMutablePointer<KernelConfiguration>
) -> UInt32 {
    var bytes = saved / 2
    if bytes > configuration.pointee.maxJumpBytes { bytes = configuration.pointee.maxJumpBytes }
    if bytes > limit { bytes = limit }
    return UInt32(truncatingIfNeeded: bytes / UInt64(mss))
}

/// The slow start threshold after the jump: the saved window if it had filled the path, and 0 (TCP's own) otherwise.
///
/// The record's RTTs show whether it had: then the smoothed RTT is longer than the minimum RTT by RFC 9406's threshold.
/// Without a queue the window doesn't show where the path is full, because random loss or the application may have kept
/// it small. Then TCP finds out by itself. RFC 9959 doesn't set the threshold; a lower one only makes the jump more
/// careful.
@inline(__always)
private func threshold(_ event: Decision, mss: UInt32) -> UInt32 {
    let smallest = event.savedRTTMicroseconds
    if smallest == 0 || !isQueueing(event.savedSRTTMicroseconds, smallest: smallest) { return 0 }
    let segments = event.savedCwndBytes / UInt64(mss) &+ 1
    return segments < UInt64(Decision.infiniteSSThresh) ? UInt32(truncatingIfNeeded: segments) : 0
}
