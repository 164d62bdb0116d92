// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// struct_ops programs must be GPL-compatible.
let license: StaticString = "Dual BSD/GPL"

/// What was saved for each remote endpoint. User space gives the capacity.
var saved = LRUHashMap<RemoteEndpoint, SavedParameters>(maxEntries: 65_536)
/// The socket cookie of the connection that uses a record, by claim.
var claims = LRUHashMap<Claim, UInt64>(maxEntries: 65_536)
/// What a socket carries with it that was resumed under the policy `exact`.
var exactConnections = SocketStorage<ExactConnection>()
/// One entry.
var configuration = ArrayMap<KernelConfiguration>(count: 1)
/// How many connections ended in each `Outcome`.
var counters = PerCPUArray<UInt64>(count: 9)
/// What was decided, for those who watch.
var events = RingBuffer<Decision>(byteCount: 262_144)
/// What the operator laid down for networks, IPv4's as `::ffff:a.b.c.d`.
var rules = LPMTrie<IPv6Address, PrefixRule>(maxEntries: 1024)
/// What Careful Resume knows of a socket.
var connections = SocketStorage<CarefulConnection>()
/// How many changes of phase each `Trigger` brought about.
var triggers = PerCPUArray<UInt64>(count: 16)
/// Changes of phase, for those who watch.
var phases = RingBuffer<PhaseEvent>(byteCount: 262_144)
/// Until when somebody watches, `Clock.nanoseconds`; one entry.
var watchers = ArrayMap<UInt64>(count: 1)

// cwndebpf's maps, by its names: bytes, bytes, 0 or 1. Key 0.
var CwndMap = HashMap<UInt32, UInt32>(maxEntries: 1)
var SSThreshMap = HashMap<UInt32, UInt32>(maxEntries: 1)
var FallbackMap = HashMap<UInt32, UInt32>(maxEntries: 1)

/// A TCP connection's claim to a record: while it stands no other connection may use that record.
struct Claim {
    var endpoint: RemoteEndpoint
    var generation: UInt64
}

/// What a socket carries with it that was resumed under the policy `exact`, in its socket storage.
struct ExactConnection {
    var claim: Claim
    /// Slow start threshold for the congestion control `baton` to set, segments; 0: leave it alone.
    var ssthreshSegments: UInt32
    /// `SO_MAX_PACING_RATE` to go back to after the first round trip, bytes per second.
    var previousPacingRate: UInt32
    /// Data segments of the kernel's own initial window; the jump has begun once more were sent.
    var initialCwndSegments: UInt32
    /// 1 while the first round trip is paced.
    var isPaced: UInt32
}

/// Another connection may use the record from now on.
@inline(__always)
func releaseClaim(_ claim: Claim, heldBy cookie: UInt64) {
    if claim.generation != 0, let holder = claims[claim], holder.pointee == cookie { claims.remove(claim) }
}

/// Called once per connection, so the one CPU's counter needs no atomic.
@inline(__always)
func count(_ outcome: Outcome) {
    if let counter = counters[outcome.rawValue] { counter.pointee &+= 1 }
}

/// Whether somebody reads the events. A reader says until when, again and again, so that one that was killed is soon
/// forgotten.
var isWatched: Bool {
    @inline(__always) get {
        guard let until = watchers[0], until.pointee != 0 else { return false }
        return Clock.nanoseconds < until.pointee
    }
}

/// cwndebpf's values; only read.
enum CompatMaps {
    /// Whether its FallbackMap says that a fallback is under way.
    @inline(__always) static var isFallback: Bool { (FallbackMap[0]?.pointee ?? 0) != 0 }

    /// `nil` if there is none, or 0.
    @inline(__always) static var cwndBytes: UInt32? {
        guard let cwnd = CwndMap[0], cwnd.pointee != 0 else { return nil }
        return cwnd.pointee
    }

    /// 0 if there is none.
    @inline(__always) static var ssthreshBytes: UInt32 { SSThreshMap[0]?.pointee ?? 0 }
}
