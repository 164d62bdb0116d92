// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "GPL"

/// How much of the window remains after a loss, in per cent.
var keptPercent = Constant<UInt32>(70)

@section("struct_ops/tcp_congestion_ops/swift_reno/ssthresh")
func ssthresh(_ socket: TCPSocket) -> UInt32 {
    let kept = socket.congestionWindow &* keptPercent.value / 100
    return kept > 2 ? kept : 2
}

@section("struct_ops/tcp_congestion_ops/swift_reno/cong_avoid")
func congAvoid(_ socket: TCPSocket, ack: UInt32, acked: UInt32) { socket.renoAvoidCongestion(ack: ack, acked: acked) }

@section("struct_ops/tcp_congestion_ops/swift_reno/undo_cwnd")
func undoCwnd(_ socket: TCPSocket) -> UInt32 { socket.renoUndoneWindow() }
