// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Sets cwnd, ssthresh and pacing from the values in `event`. All or nothing: if the kernel refuses one, the socket is
/// as it was.
@inline(__always)
func applyExact(
    to socket: SockOps, _ configuration: UnsafeMutablePointer<KernelConfiguration>, limit: UInt64,
    _ event: inout Decision
) -> Outcome {
    guard let sk = socket.socket, let mss = sk.maximumSegmentSize else {
        event.error = Failure.invalid
        return .refused
    }
    event.describe(socket, mss: mss)

    let cwnd = window(event.savedCwndBytes, mss: mss, limit: limit, initial: event.initialCwndSegments)
    event.error = socket.setInitialWindow(cwnd)
    if event.error != 0 { return .refused }

    // A socket that was disconnected and connected again may still have its old state.
    exactConnections.remove(sk)
    guard let connection = exactConnections.createZeroed(for: sk) else {
        event.error = Failure.noMemory
        _ = socket.setInitialWindow(event.initialCwndSegments)
        return .refused
    }
    connection.pointee.claim = Claim(endpoint: event.endpoint, generation: event.generation)
    connection.pointee.ssthreshSegments = threshold(event.savedSSThreshBytes, mss: mss)
    connection.pointee.previousPacingRate = socket.maximumPacingRate ?? unlimitedPacing
    connection.pointee.initialCwndSegments = event.initialCwndSegments
    event.error = setSlowStartThreshold(socket, connection, through: configuration, &event)
    if event.error != 0 {
        exactConnections.remove(sk)
        _ = socket.setInitialWindow(event.initialCwndSegments)
        return .refused
    }
    if cwnd > event.initialCwndSegments { pace(socket, connection, window: UInt64(cwnd) &* UInt64(mss), &event) }
    socket.request([.roundTrips, .stateChanges])
    event.cwndSegments = socket.congestionWindow
    event.ssthreshSegments = socket.slowStartThreshold
    return .resumed
}

/// The saved window in segments of this socket, rounded up. It is at most the operator's limit, but never below the
/// kernel's own initial window unless the saved window was smaller.
@inline(__always)
private func window(_ bytes: UInt64, mss: UInt32, limit: UInt64, initial: UInt32) -> UInt32 {
    let saved = segments(bytes, mss: mss)
    if saved <= initial { return saved }
    let maximum = limit / UInt64(mss)
    let bounded = UInt64(saved) < maximum ? UInt64(saved) : maximum
    return bounded > UInt64(initial) ? UInt32(truncatingIfNeeded: bounded) : initial
}

/// The saved threshold in segments; 0 for a connection that never lost a packet: TCP's own threshold stays.
@inline(__always)
private func threshold(_ bytes: UInt64, mss: UInt32) -> UInt32 {
    bytes == SavedParameters.neverLost ? 0 : segments(bytes, mss: mss)
}

/// Bytes in segments, rounded up: at least 1, because the kernel accepts no empty window, and at most what a socket
/// option can hold.
@inline(__always)
private func segments(_ bytes: UInt64, mss: UInt32) -> UInt32 {
    let limit = UInt64(Decision.infiniteSSThresh)
    if bytes >= limit &* UInt64(mss) { return UInt32(truncatingIfNeeded: limit) }
    let segments = (bytes &+ UInt64(mss) &- 1) / UInt64(mss)
    return segments > 0 ? UInt32(truncatingIfNeeded: segments) : 1
}

/// No socket option sets ssthresh alone: `TCP_BPF_SNDCWND_CLAMP` also caps the window for the connection's life. A
/// struct_ops congestion control may write it, so the socket is switched to `baton` for an instant, and then back.
@inline(__always)
private func setSlowStartThreshold(
    _ socket: SockOps, _ connection: UnsafeMutablePointer<ExactConnection>,
    through configuration: UnsafeMutablePointer<KernelConfiguration>,
    _ event: inout Decision
) -> Int32 {
    // Read into the event, and passed from there: the stack has no room for another copy.
    guard socket.congestionControl(into: &event.congestionControl) == 0 else { return Failure.invalid }
    if connection.pointee.ssthreshSegments == 0 || event.congestionControl.isBBR { return 0 }
    // Setting the control that the socket already has changes nothing, and shows whether BPF may choose it: not all are
    // allowed.
    var error = socket.setCongestionControl(&event.congestionControl)
    if error != 0 { return error }
    error = socket.setCongestionControl(&configuration.pointee.control)
    if error != 0 { return error }
    return socket.setCongestionControl(&event.congestionControl)
}
