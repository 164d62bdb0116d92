// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

// The congestion control of the policy `exact`. It exists so that `resume` can set a socket's slow start threshold. A
// socket has it for an instant only. If a socket ever stays on it, because its own control was unloaded in that
// instant, it behaves as Reno (RFC 5681).

/// Writes the threshold that `resume` left in the socket's storage. The next control's own `init` keeps it.
@section("struct_ops/tcp_congestion_ops/exact/init")
func exactInit(_ socket: TCPSocket) {
    guard let connection = exactConnections[socket], connection.pointee.ssthreshSegments != 0 else { return }
    socket.slowStartThreshold = connection.pointee.ssthreshSegments
}

/// Half the window after a loss, at least two segments (RFC 5681 §3.1).
@section("struct_ops/tcp_congestion_ops/exact/ssthresh")
func exactSSThresh(_ socket: TCPSocket) -> UInt32 {
    let half = socket.congestionWindow >> 1
    return half > 2 ? half : 2
}

/// The window to restore when a loss was spurious.
@section("struct_ops/tcp_congestion_ops/exact/undo_cwnd")
func exactUndoCwnd(_ socket: TCPSocket) -> UInt32 {
    let current = socket.congestionWindow
    let prior = socket.priorCongestionWindow
    return current > prior ? current : prior
}

/// Slow start below the threshold, then one segment per window (RFC 5681 §3.1). The kernel's own function isn't used,
/// because BPF may call it only from Linux 5.13 on.
@section("struct_ops/tcp_congestion_ops/exact/cong_avoid")
func exactCongAvoid(_ socket: TCPSocket, ack: UInt32, acked: UInt32) {
    let window = socket.congestionWindow
    if window < socket.slowStartThreshold {
        let grown = window &+ acked
        socket.congestionWindow = grown < socket.slowStartThreshold ? grown : socket.slowStartThreshold
        return
    }
    let count = socket.congestionWindowCount &+ acked
    if count >= window {
        socket.congestionWindow = window &+ 1
        socket.congestionWindowCount = count &- window
    } else {
        socket.congestionWindowCount = count
    }
}
