// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

// The objects' maps. A constant global can't be computed, so types and sizes stand here as numbers; the loader compares
// them with the sizes of the types below and refuses an object in which they disagree.

/// "Dual BSD/GPL": struct_ops programs must be GPL-compatible.
@section("license") @used
let programLicense: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) =
    (0x44, 0x75, 0x61, 0x6c, 0x20, 0x42, 0x53, 0x44, 0x2f, 0x47, 0x50, 0x4c, 0)

// type, keySize, valueSize, maxEntries, flags
@section(".maps") @used nonisolated(unsafe) var saved: MapDefinition = (9, 16, 64, 65_536, 0)
@section(".maps") @used nonisolated(unsafe) var claims: MapDefinition = (9, 24, 8, 65_536, 0)
@section(".maps") @used nonisolated(unsafe) var handovers: MapDefinition = (24, 4, 40, 0, 1)
@section(".maps") @used nonisolated(unsafe) var configuration: MapDefinition = (2, 4, 48, 1, 0)
@section(".maps") @used nonisolated(unsafe) var counters: MapDefinition = (6, 4, 8, 7, 0)
@section(".maps") @used nonisolated(unsafe) var events: MapDefinition = (27, 0, 0, 262_144, 0)
@section(".maps") @used nonisolated(unsafe) var watchers: MapDefinition = (2, 4, 8, 1, 0)

// The seed's own maps, by its names: bytes, bytes, 0 or 1.
@section(".maps") @used nonisolated(unsafe) var CwndMap: MapDefinition = (1, 4, 4, 1, 0)
@section(".maps") @used nonisolated(unsafe) var SSThreshMap: MapDefinition = (1, 4, 4, 1, 0)
@section(".maps") @used nonisolated(unsafe) var FallbackMap: MapDefinition = (1, 4, 4, 1, 0)

/// A TCP connection's claim to a record: while it stands no other connection may use that record.
struct Claim {
    var endpoint: RemoteEndpoint
    var generation: UInt64
}

/// What a resumed socket carries with it, in its socket storage.
struct Handover {
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

var savedParameters: KeyValueMap<RemoteEndpoint, SavedParameters> {
    @inline(__always) get { KeyValueMap(definition: &saved) }
}
/// The socket cookie of the holder, by claim.
var claimHolders: KeyValueMap<Claim, UInt64> {
    @inline(__always) get { KeyValueMap(definition: &claims) }
}
var handoverOfSocket: SocketStorage<Handover> {
    @inline(__always) get { SocketStorage(definition: &handovers) }
}
var currentConfiguration: UnsafeMutablePointer<KernelConfiguration>? {
    @inline(__always) get { KeyValueMap<UInt32, KernelConfiguration>(definition: &configuration)[0] }
}
var eventBuffer: RingBuffer<ResumeEvent> {
    @inline(__always) get { RingBuffer(definition: &events) }
}

@inline(__always)
func count(_ outcome: Outcome) {
    guard let counter = KeyValueMap<UInt32, UInt64>(definition: &counters)[outcome.rawValue] else { return }
    counter.pointee &+= 1
}

/// Whether somebody reads the events. A reader says until when, again and again, so that one that was killed is soon
/// forgotten.
var isWatched: Bool {
    @inline(__always) get {
        guard let until = KeyValueMap<UInt32, UInt64>(definition: &watchers)[0], until.pointee != 0 else {
            return false
        }
        return bpf_ktime_get_ns() < until.pointee
    }
}

/// The seed's values; only read.
enum SeedMaps {
    /// Whether its FallbackMap says that a fallback is under way.
    @inline(__always) static var isFallback: Bool {
        guard let fallback = KeyValueMap<UInt32, UInt32>(definition: &FallbackMap)[0] else { return false }
        return fallback.pointee != 0
    }

    /// `nil` if there is none, or 0.
    @inline(__always) static var cwndBytes: UInt32? {
        guard let cwnd = KeyValueMap<UInt32, UInt32>(definition: &CwndMap)[0], cwnd.pointee != 0 else { return nil }
        return cwnd.pointee
    }

    /// 0 if there is none.
    @inline(__always) static var ssthreshBytes: UInt32 {
        KeyValueMap<UInt32, UInt32>(definition: &SSThreshMap)[0]?.pointee ?? 0
    }
}
