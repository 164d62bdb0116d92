// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Gives a TCP connection the parameters that were saved for its peer, before its first data segment.
@section("sockops")
func resume(_ socket: SockOps) -> SockOps.Verdict {
    react(socket, seeded: false)
    return .proceed
}

/// The same, falling back on the seed's own maps for peers that have no record.
@section("sockops")
func resumeSeeded(_ socket: SockOps) -> SockOps.Verdict {
    react(socket, seeded: true)
    return .proceed
}

@inline(__always)
private func react(_ socket: SockOps, seeded: Bool) {
    let operation = socket.operation
    if operation == .activeEstablished || operation == .passiveEstablished {
        decide(socket, operation: operation, seeded: seeded)
    } else if operation == .roundTrip {
        liftPacing(socket)
    } else if operation == .stateChange, socket.newState == .closed {
        release(socket)
    }
}

@inline(__always)
private func decide(_ socket: SockOps, operation: SockOps.Operation, seeded: Bool) {
    let endpoint = socket.remoteEndpoint
    let record = saved[endpoint]
    // The seed's maps are for clients: a server's own outbound connections are none of their business.
    let isSeeded = seeded && operation == .passiveEstablished && SeedMaps.isFallback
    // The way of nearly all connections: told only while somebody listens, so that it costs next to nothing.
    if record == nil, !isSeeded {
        count(.noRecord)
        if !isWatched { return }
    }
    var event = ResumeEvent()
    event.timeNanoseconds = Clock.nanoseconds
    event.operation = operation.rawValue
    event.endpoint = endpoint
    event.remotePort = socket.remotePort
    event.localPort = socket.localPort
    if let record {
        // One copy: user space may write the record at any moment.
        let record = record.pointee
        event.describe(record)
        finish(&event, outcome(of: socket, record, event: &event))
    } else if isSeeded {
        finish(&event, seedOutcome(of: socket, event: &event))
    } else {
        event.outcome = Outcome.noRecord.rawValue
        events.output(&event)
    }
}

@inline(__always)
private func finish(_ event: inout ResumeEvent, _ outcome: Outcome) {
    event.outcome = outcome.rawValue
    count(outcome)
    events.output(&event)
}

/// The order of the checks is the order of `Outcome`.
@inline(__always)
private func outcome(of socket: SockOps, _ record: SavedParameters, event: inout ResumeEvent) -> Outcome {
    guard let configuration = configuration[0] else { return .noRecord }
    let lifetime =
        record.lifetimeNanoseconds != 0 ? record.lifetimeNanoseconds : configuration.pointee.lifetimeNanoseconds
    if event.ageNanoseconds > lifetime {
        saved.remove(event.endpoint)
        return .expired
    }
    if isGated(record, gate: configuration.pointee.gate, silence: event.silenceNanoseconds) { return .gated }
    event.handshakeRTTMicroseconds = socket.smoothedRTTMicroseconds
    if isMismatch(handshake: event.handshakeRTTMicroseconds, saved: event.savedRTTMicroseconds) { return .rttMismatch }
    let claim = Claim(endpoint: event.endpoint, generation: event.generation)
    event.socketCookie = socket.cookie
    // Looked up first, which also tells the LRU that it is used: an insertion makes room before it looks.
    if claims[claim] != nil { return .inUse }
    guard claims.insert(event.socketCookie, for: claim) else { return .inUse }

    let outcome = handOver(to: socket, configuration.pointee, &event)
    if outcome != .resumed { claims.remove(claim) }
    return outcome
}

/// For a peer without a record, while the seed's FallbackMap says that a fallback is under way.
@inline(__always)
private func seedOutcome(of socket: SockOps, event: inout ResumeEvent) -> Outcome {
    guard let configuration = configuration[0], configuration.pointee.gate != KernelConfiguration.neverGate,
        let cwnd = SeedMaps.cwndBytes
    else { return .noRecord }
    event.handshakeRTTMicroseconds = socket.smoothedRTTMicroseconds
    if isMismatch(handshake: event.handshakeRTTMicroseconds, saved: 0) { return .rttMismatch }
    let ssthresh = SeedMaps.ssthreshBytes
    event.source = ResumeEvent.seedSource
    event.savedCwndBytes = UInt64(cwnd)
    event.savedSSThreshBytes = ssthresh == 0 ? SavedParameters.neverLost : UInt64(ssthresh)
    return handOver(to: socket, configuration.pointee, &event)
}

/// Whether the QUIC connection may still be sending.
@inline(__always)
private func isGated(_ record: SavedParameters, gate: UInt32, silence: UInt64) -> Bool {
    if gate == KernelConfiguration.alwaysGate { return false }
    if gate != KernelConfiguration.quietGate { return true }
    if record.hasFallen { return false }
    let srtts = UInt64(record.srttMicroseconds) &* 1000 &* KernelConfiguration.quietSRTTs
    let floor = KernelConfiguration.quietFloorNanoseconds
    return silence <= (srtts > floor ? srtts : floor)
}

/// RFC 9959: at most half the saved RTT, or ten times as much, means another path. So does a handshake without a sample
/// (its SYN or SYN-ACK was sent again, or it was Fast Open's or a SYN cookie's): then the path can't be compared nor the
/// jump paced, and a loss calls for caution anyway.
@inline(__always)
private func isMismatch(handshake: UInt32, saved: UInt32) -> Bool {
    if handshake == 0 { return true }
    if saved == 0 { return false }
    return UInt64(handshake) &* 2 <= UInt64(saved) || UInt64(handshake) >= UInt64(saved) &* 10
}

extension ResumeEvent {
    @inline(__always)
    fileprivate mutating func describe(_ record: SavedParameters) {
        source = ResumeEvent.recordSource
        savedCwndBytes = record.cwndBytes
        savedSSThreshBytes = record.ssthreshBytes
        generation = record.generation
        savedRTTMicroseconds = record.savedRTTMicroseconds
        // A record may be saved on another CPU while this one reads its clock.
        ageNanoseconds = timeNanoseconds > record.savedAtNanoseconds ? timeNanoseconds &- record.savedAtNanoseconds : 0
        silenceNanoseconds =
            timeNanoseconds > record.lastHeardAtNanoseconds ? timeNanoseconds &- record.lastHeardAtNanoseconds : 0
    }
}

extension SockOps {
    @inline(__always)
    fileprivate var remoteEndpoint: RemoteEndpoint {
        let address = remoteAddress
        return RemoteEndpoint(
            word0: address.word0, word1: address.word1, word2: address.word2, word3: address.word3)
    }
}
