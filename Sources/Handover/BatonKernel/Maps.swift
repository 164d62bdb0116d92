// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// struct_ops programs must be GPL-compatible.
let license: StaticString = "Dual BSD/GPL"

/// The record of each remote endpoint. User space sets the capacity.
var saved = LRUHashMap<RemoteEndpoint, SavedParameters>(maxEntries: 65_536)
/// The socket cookie of the connection that uses a record, by claim.
var claims = LRUHashMap<Claim, UInt64>(maxEntries: 65_536)
/// The state of a socket that was resumed under the policy `exact`.
var exactConnections = SocketStorage<ExactConnection>()
/// The settings; one entry.
var configuration = ArrayMap<KernelConfiguration>(count: 1)
/// How many decisions had each `Outcome`.
var counters = PerCPUArray<UInt64>(count: Outcome.count)
/// `Decision`s and `PhaseEvent`s in their order, for one reader. Each begins with an `EventHeader`.
var events = RingBuffer<EventHeader>(byteCount: 524_288)
/// The operator's rules for networks; IPv4 networks as `::ffff:a.b.c.d`.
var rules = LPMTrie<IPv6Address, PrefixRule>(maxEntries: 1024)
/// The state of a socket that was resumed under the policy `careful`.
var connections = SocketStorage<CarefulConnection>()
/// How many phase changes each `Trigger` caused.
var triggers = PerCPUArray<UInt64>(count: Trigger.count)
/// The time until which somebody reads `events`, `Clock.nanoseconds`; one entry.
var watchers = ArrayMap<UInt64>(count: 1)
