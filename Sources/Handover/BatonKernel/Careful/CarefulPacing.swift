// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

/// `SK_PACING_NEEDED`: TCP spreads packets over time itself, with any queueing discipline.
@inline(__always) private var pacedByTCP: UInt32 { 1 }

/// Spreads a window over the current RTT (RFC 9959 §3.3: "All packets sent in the Unvalidated Phase MUST use pacing
/// based on the current RTT"). The rate stays within the application's own limit.
///
/// - Parameters:
///   - window: the window, segments.
///   - percent: how much of the window is sent per RTT.
@inline(__always)
func pace(_ socket: TCPSocket, window: UInt32, percent: UInt64) {
    let rtt = UInt64(socket.smoothedRTTMicroseconds)
    if rtt == 0 { return }
    let mss: UInt32 = socket.mss_cache
    let rate = UInt64(window) &* UInt64(mss) &* 10_000 &* percent / rtt
    let limit = socket.maximumPacingRate
    socket.pacingRate = rate < limit ? rate : limit
    // fq (2) paces at the same rate.
    if socket.pacingStatus == 0 { socket.pacingStatus = pacedByTCP }
}

/// Ends the pacing that `pace` began. fq's pacing (2) stays. TCP's own stays if the application has set a limit
/// meanwhile, because that limit needs it.
@inline(__always)
func restorePacing(_ socket: TCPSocket, _ connection: Connection) {
    if connection.pointee.previousPacingStatus == 0, socket.pacingStatus == pacedByTCP, socket.maximumPacingRate == .max
    {
        socket.pacingStatus = 0
    }
}
