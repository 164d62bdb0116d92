// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "GPL"

/// Packets dropped, by the prefix of their sender.
var blocked = LPMTrie<IPv4Address, UInt64>(maxEntries: 1024)

@section("xdp")
func drop(_ packet: XDP) -> XDP.Action {
    guard let ip = packet.ipv4, let dropped = blocked[ip.pointee.source] else { return .pass }
    dropped.atomicAdd(1)
    return .drop
}
