// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BPFTestProgramsShared

let license: StaticString = "Dual BSD/GPL"

/// Connections that were established, by peer.
var connections = HashMap<IPv4Address, UInt64>(maxEntries: 64)
/// What the peer's last connection was.
var recent = LRUHashMap<IPv6Address, Sample>(maxEntries: 128)
/// Calls of `count`, by operation.
var calls = PerCPUArray<UInt64>(count: 32)
/// Packets, by the socket's own port.
var packets = PerCPUHashMap<UInt32, UInt64>(maxEntries: 64)
/// The first one is what `filter` goes by.
var settings = ArrayMap<FilterSettings>(count: 4)
/// What becomes of packets by their sender: the number of an XDP action.
var routes = LPMTrie<IPv4Address, UInt32>(maxEntries: 64)
/// Not used by a program.
var routes6 = LPMTrie<IPv6Address, UInt64>(maxEntries: 64)
/// Sockets that `count` saw.
var marks = SocketStorage<UInt64>()
/// Sockets that were established.
var events = RingBuffer<Sample>(byteCount: 4096)
/// Records that `events` had no room for.
var lost = ArrayMap<UInt64>(count: 1)
/// Numbers from user space, which `drain` takes.
var pending = Queue<UInt64>(maxEntries: 4)

/// What `drain` adds to each number.
var step = Constant<UInt32>(100)
/// Whose system calls are traced; 0: nobody's.
var tracedProcess = Constant<UInt32>(0)
/// Whose congestion control `visit` changes: sockets of this port of their own; 0: of none.
var changedPort = Constant<UInt32>(0)
