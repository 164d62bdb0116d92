// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import TestSupport

/// One connection under the policy `careful`: what the kernel reported, and what was on the wire.
struct CarefulFlow: CustomStringConvertible {
    struct Failure: Error { let message: String }

    /// A data segment that left; offsets in bytes since the connection began.
    struct Segment {
        var time: UInt64
        var start: Int
        var end: Int
        var ecn: UInt8
    }

    /// An acknowledgement that arrived.
    struct Acknowledgement {
        var time: UInt64
        /// Everything before it arrived.
        var upTo: Int
        /// Whether it reports that a mark arrived (ECE).
        var isEcho: Bool
    }

    let ends: TCPProbe.Ends
    let stream: TCPProbe.Stream
    let decision: Decision
    let phases: [PhaseEvent]
    let segments: [Segment]
    let acknowledgements: [Acknowledgement]

    init(ends: TCPProbe.Ends, stream: TCPProbe.Stream, packets: [TCPProbe.Packet], events: [KernelEvent]) throws {
        self.ends = ends
        self.stream = stream
        var decisions: [Decision] = []
        var phases: [PhaseEvent] = []
        for event in events {
            switch event {
            case .decision(let decision): decisions.append(decision)
            case .phase(let phase): phases.append(phase)
            }
        }
        guard let decision = decisions.last else { throw Failure(message: "no decision was reported") }
        self.decision = decision
        self.phases = phases.filter { $0.socketCookie == decision.socketCookie }
        guard let handshake = packets.last(where: { $0.isSent && $0.isSYN }) else {
            throw Failure(message: "no SYN-ACK was seen")
        }
        let base = handshake.sequence &+ 1
        segments = packets.filter { $0.isSent && $0.bytes > 0 }.map {
            let start = Int(Int32(bitPattern: $0.sequence &- base))
            return Segment(time: $0.time, start: start, end: start + $0.bytes, ecn: $0.ecn)
        }
        acknowledgements = packets.filter { !$0.isSent && !$0.isSYN && $0.time >= handshake.time }.map {
            Acknowledgement(
                time: $0.time, upTo: Int(Int32(bitPattern: $0.acknowledged &- base)), isEcho: $0.flags & 64 != 0)
        }
    }

    var outcome: Outcome? { Outcome(rawValue: decision.outcome) }

    /// The triggers of the phase changes, in their order.
    var triggers: [Trigger] { phases.compactMap { Trigger(rawValue: $0.trigger) } }

    /// The first change to a phase.
    func change(to phase: Phase) throws -> PhaseEvent {
        guard let event = phases.first(where: { $0.newPhase == phase.rawValue }) else {
            throw Failure(message: "never in \(phase): \(self)")
        }
        return event
    }

    /// Samples from one phase change until another, or until the end.
    func samples(from phase: Phase, until next: Phase? = nil) throws -> [TCPProbe.Sample] {
        let start = try change(to: phase).timeNanoseconds
        let end = try next.map { try change(to: $0).timeNanoseconds } ?? .max
        return stream.samples.filter { $0.time > start && $0.time < end }
    }

    /// When the first acknowledgement of data arrived.
    var firstAcknowledgementTime: UInt64 { acknowledgements.first { $0.upTo > 0 }?.time ?? .max }

    /// How many bytes had been acknowledged at a time of the kernel's clock. The times of packets are from another
    /// clock, and precise to some microseconds.
    func acknowledged(by time: UInt64) -> Int {
        max(0, acknowledgements.filter { $0.time <= time + 50_000 }.map(\.upTo).max() ?? 0)
    }

    /// Bytes that left before the first acknowledgement of data arrived.
    var firstFlightBytes: Int { segments.filter { $0.time < firstAcknowledgementTime }.map(\.end).max() ?? 0 }

    /// Bytes that had left by a time and weren't acknowledged: the highest byte sent less the highest acknowledged.
    func flightBytes(at time: UInt64) -> Int {
        let sent = segments.filter { $0.time <= time }.map(\.end).max() ?? 0
        let acknowledged = acknowledgements.filter { $0.time <= time }.map(\.upTo).max() ?? 0
        return sent - max(acknowledged, 0)
    }

    /// Segments that were retransmitted.
    var retransmissions: Int {
        var highest = 0
        return segments.count { segment in
            defer { highest = max(highest, segment.end) }
            return segment.start < highest
        }
    }

    var description: String {
        let changes = phases.map { event in
            "\(Phase(rawValue: event.newPhase).map { "\($0)" } ?? "?") by \(Trigger(rawValue: event.trigger).map { "\($0)" } ?? "?")"
                + " at \((Int(event.timeNanoseconds) - Int(stream.start)) / 10_000) (pipe \(event.pipeSizeSegments)"
                + " cwnd \(event.cwndSegments) ssthresh \(event.ssthreshSegments) flight \(event.flightSegments)"
                + " first \(event.firstUnvalidatedByte) last \(event.lastUnvalidatedByte) srtt \(event.srttMicroseconds)"
                + " min \(event.minRTTMicroseconds) lost \(event.lostSegments))"
        }
        let last = stream.samples.last
        return "\(outcome.map { "\($0)" } ?? "?"), jump \(decision.jumpSegments); " + changes.joined(separator: "; ")
            + "; received \(stream.received), first flight \(firstFlightBytes), retransmissions \(retransmissions)"
            + ", at the end cwnd \(last?.cwnd ?? 0) ssthresh \(last?.ssthresh ?? 0) \(last?.control ?? "")"
    }
}
