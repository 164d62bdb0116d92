// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel

let license: StaticString = "GPL"

/// Connections by remote address, IPv4 addresses as `::ffff:a.b.c.d`.
var connections = HashMap<IPv6Address, UInt64>(maxEntries: 10_240)

@section("sockops")
func count(_ socket: SockOps) -> SockOps.Verdict {
    if socket.isEstablished { connections.add(1, to: socket.remoteAddress) }
    return .proceed
}
