// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

// Baton's program `resume` reduced to its core; its twin in C is CKernel/resume.c.

import BPFKernel

let license: StaticString = "GPL"

/// Who may resume: nobody (0), everybody (1), or only those whose QUIC connection has failed (2).
var gate = Constant<UInt32>(2)
/// The largest initial window, in segments.
var maxSegments = Constant<UInt32>(1000)

struct SavedParameters {
    var windowBytes: UInt64
    var savedAtNanoseconds: UInt64
    var lifetimeNanoseconds: UInt64
    var hasFailed: UInt64
}

struct Event {
    var timeNanoseconds: UInt64
    var windowBytes: UInt64
    var peer: IPv6Address
    var remotePort: UInt32
    var segments: UInt32
    var outcome: UInt32
    var reserved: UInt32
}

enum Outcome: UInt32 {
    case noRecord = 0
    case expired = 1
    case gated = 2
    case refused = 3
    case resumed = 4
}

var saved = LRUHashMap<IPv6Address, SavedParameters>(maxEntries: 1024)
var counters = PerCPUArray<UInt64>(count: 5)
var events = RingBuffer<Event>(byteCount: 262_144)

@section("sockops")
func resume(_ socket: SockOps) -> SockOps.Verdict {
    if socket.isEstablished { decide(socket) }
    return .proceed
}

@inline(__always)
private func decide(_ socket: SockOps) {
    var peer = socket.remoteAddress
    guard let parameters = saved.value(for: &peer) else {
        count(.noRecord)
        return
    }
    let now = Clock.nanoseconds
    var segments: UInt32 = 0
    let outcome: Outcome
    if now &- parameters.pointee.savedAtNanoseconds > parameters.pointee.lifetimeNanoseconds {
        saved.remove(&peer)
        outcome = .expired
    } else if gate.value == 0 || gate.value == 2 && parameters.pointee.hasFailed == 0 {
        outcome = .gated
    } else {
        segments = window(parameters.pointee.windowBytes, of: socket)
        outcome = segments != 0 && socket.setInitialWindow(segments) == 0 ? .resumed : .refused
    }
    count(outcome)
    guard let event = events.reserve() else { return }
    event.pointee = Event(
        timeNanoseconds: now, windowBytes: parameters.pointee.windowBytes, peer: peer, remotePort: socket.remotePort,
        segments: segments, outcome: outcome.rawValue, reserved: 0)
    events.submit(event)
}

/// Converts bytes to segments of this socket, rounded up; 0 if it isn't a TCP socket.
@inline(__always)
private func window(_ bytes: UInt64, of socket: SockOps) -> UInt32 {
    guard let mss = socket.socket?.maximumSegmentSize else { return 0 }
    let segments = (bytes &+ UInt64(mss) &- 1) / UInt64(mss)
    return segments < UInt64(maxSegments.value) ? UInt32(truncatingIfNeeded: segments) : maxSegments.value
}

/// Counts in the CPU's own counter, which needs no atomic operation.
@inline(__always)
private func count(_ outcome: Outcome) {
    if let counter = counters[outcome.rawValue] { counter.pointee &+= 1 }
}
