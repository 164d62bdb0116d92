// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

// The congestion control `baton`: a seam through which `resume` sets a socket's slow start threshold. A socket has it for
// an instant only; should it ever stay (its own control was unloaded meanwhile), it is Reno (RFC 5681).

/// Writes the threshold that `resume` left in the socket's storage. The next control's own `init` keeps it.
@c(baton_init) @section("struct_ops/tcp_congestion_ops/baton/init")
public func batonInit(_ context: UnsafePointer<UInt64>) {
    guard let tcp = TCPSocket(context), let handover = handoverOfSocket[tcp.pointer] else { return }
    if handover.pointee.ssthreshSegments != 0 { tcp.slowStartThreshold = handover.pointee.ssthreshSegments }
}

/// Half the window after a loss, at least two segments (RFC 5681 §3.1).
@c(baton_ssthresh) @section("struct_ops/tcp_congestion_ops/baton/ssthresh")
public func batonSSThresh(_ context: UnsafePointer<UInt64>) -> UInt32 {
    guard let tcp = TCPSocket(context) else { return 2 }
    let half = tcp.congestionWindow >> 1
    return half > 2 ? half : 2
}

/// The window to go back to when a loss turns out to have been none.
@c(baton_undo_cwnd) @section("struct_ops/tcp_congestion_ops/baton/undo_cwnd")
public func batonUndoCwnd(_ context: UnsafePointer<UInt64>) -> UInt32 {
    guard let tcp = TCPSocket(context) else { return 2 }
    let current = tcp.congestionWindow
    let prior = tcp.priorCongestionWindow
    return current > prior ? current : prior
}

/// Slow start below the threshold, then one segment per window (RFC 5681 §3.1).
@c(baton_cong_avoid) @section("struct_ops/tcp_congestion_ops/baton/cong_avoid")
public func batonCongAvoid(_ context: UnsafePointer<UInt64>) {
    guard let tcp = TCPSocket(context) else { return }
    let acked = UInt32(truncatingIfNeeded: context[2])
    let window = tcp.congestionWindow
    if window < tcp.slowStartThreshold {
        let grown = window &+ acked
        tcp.congestionWindow = grown < tcp.slowStartThreshold ? grown : tcp.slowStartThreshold
        return
    }
    let count = tcp.congestionWindowCount &+ acked
    if count >= window {
        tcp.congestionWindow = window &+ 1
        tcp.congestionWindowCount = count &- window
    } else {
        tcp.congestionWindowCount = count
    }
}
