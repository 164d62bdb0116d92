// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "GPL"

struct Retransmission {
    var remote: IPv4Address
    var localPort: UInt16
    var remotePort: UInt16
    var congestionWindow: UInt32
}
var events = RingBuffer<Retransmission>(byteCount: 65_536)

@section("tp_btf/tcp_retransmit_skb")
func watch(_ socket: KernelPointer<Sock>, _ packet: KernelPointer<SocketBuffer>) {
    guard let event = events.reserve() else { return }
    event.pointee = Retransmission(
        remote: IPv4Address(networkOrder: socket.remoteIPv4), localPort: socket.localPort,
        remotePort: socket.remotePort, congestionWindow: socket.tcp?.congestionWindow ?? 0)
    events.submit(event)
}
