// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFKernel
import BatonShared

/// Resumes a TCP connection from the record of its peer, before its first data segment.
@section("sockops")
func resume(_ socket: SockOps) -> SockOps.Verdict {
    react(socket, compat: false)
    return .proceed
}

/// The same, with the values of cwndebpf's maps for peers that have no record.
@section("sockops")
func resumeCompat(_ socket: SockOps) -> SockOps.Verdict {
    react(socket, compat: true)
    return .proceed
}

@inline(__always)
private func react(_ socket: SockOps, compat: Bool) {
    let operation = socket.operation
    if operation == .activeEstablished || operation == .passiveEstablished {
        decide(socket, operation: operation, compat: compat)
    } else if operation == .roundTrip {
        liftPacing(socket)
        observe(socket)
    } else if operation == .stateChange {
        if socket.oldState == .established, socket.newState != .closed { saveObservation(socket) }
        if socket.newState == .closed {
            endExact(socket)
            restoreControlAtClose(socket)
            freeCarefulState(socket)
        }
    }
}

@inline(__always)
private func decide(_ socket: SockOps, operation: SockOps.Operation, compat: Bool) {
    var endpoint = RemoteEndpoint(socket.remoteAddress)
    let record = saved.value(for: &endpoint)
    // cwndebpf's maps are for clients, and don't apply to a server's own outbound connections.
    let isCompat = compat && operation == .passiveEstablished && CompatMaps.isFallback
    // Nearly all connections end here. They are reported only while somebody reads, so that they cost next to nothing.
    if record == nil, !isCompat {
        count(.noRecord)
        if !isWatched { return }
    }
    var event = Decision()
    event.endpoint = endpoint
    event.timeNanoseconds = Clock.nanoseconds
    event.operation = operation.rawValue
    event.remotePort = socket.remotePort
    event.localPort = socket.localPort
    var outcome = Outcome.noRecord
    if record != nil || isCompat {
        outcome =
            isCompat && record == nil ? compatOutcome(of: socket, &event) : recordOutcome(of: socket, record, &event)
        count(outcome)
    }
    event.outcome = outcome.rawValue
    events.output(copying: &event)
    if outcome == .resumed { reportResumption(socket) }
}

/// The checks have the order of `Outcome`, except that the operator's rules come first.
@inline(__always)
private func recordOutcome(
    of socket: SockOps, _ record: UnsafeMutablePointer<SavedParameters>?, _ event: inout Decision
) -> Outcome {
    guard let record, let configuration = configuration[0] else { return .noRecord }
    event.describe(record)
    let limit = windowLimit(for: socket, configuration)
    if limit == 0 { return .excluded }
    var lifetime = record.pointee.lifetimeNanoseconds
    if lifetime == 0 { lifetime = configuration.pointee.lifetimeNanoseconds }
    if event.ageNanoseconds > lifetime {
        saved.remove(&event.endpoint)
        return .expired
    }
    if isGated(record, gate: configuration.pointee.gate, silence: event.silenceNanoseconds) { return .gated }
    event.handshakeRTTMicroseconds = socket.smoothedRTTMicroseconds
    if isMismatch(&event, configuration) { return .rttMismatch }
    event.socketCookie = socket.cookie
    var claim = Claim(endpoint: event.endpoint, generation: event.generation)
    // Looked up before the insertion, because an insertion into a full LRU map evicts an entry before it looks for the
    // key. A look-up also marks the entry as used.
    if claims.value(for: &claim) != nil { return .inUse }
    guard claims.insert(event.socketCookie, for: &claim) else { return .inUse }

    let outcome = apply(
        to: socket, configuration, limit: limit, expiresAt: event.timeNanoseconds &- event.ageNanoseconds &+ lifetime,
        &event)
    if outcome != .resumed { claims.remove(&claim) }
    return outcome
}

/// The decision for a peer without a record, while cwndebpf's FallbackMap says that a fallback is under way.
@inline(__always)
private func compatOutcome(of socket: SockOps, _ event: inout Decision) -> Outcome {
    guard let configuration = configuration[0], configuration.pointee.gate != Gate.never.rawValue,
        let cwnd = CompatMaps.cwndBytes
    else { return .noRecord }
    let limit = windowLimit(for: socket, configuration)
    if limit == 0 { return .excluded }
    event.handshakeRTTMicroseconds = socket.smoothedRTTMicroseconds
    if isMismatch(&event, configuration) { return .rttMismatch }
    let ssthresh = CompatMaps.ssthreshBytes
    event.source = Decision.compatMapsSource
    event.savedCwndBytes = UInt64(cwnd)
    event.savedSSThreshBytes = ssthresh == 0 ? SavedParameters.neverLost : UInt64(ssthresh)
    return apply(to: socket, configuration, limit: limit, expiresAt: .max, &event)
}

/// A separate function, so that it has its own stack frame.
@inline(never)
private func apply(
    to socket: SockOps, _ configuration: UnsafeMutablePointer<KernelConfiguration>, limit: UInt64, expiresAt: UInt64,
    _ event: inout Decision
) -> Outcome {
    configuration.pointee.policy == Policy.careful.rawValue
        ? applyCareful(socket, configuration, limit: limit, expiresAt: expiresAt, &event)
        : applyExact(to: socket, configuration, limit: limit, &event)
}
