// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared

/// An event of a qlog. Unknown values are left out of its data.
struct QlogEvent<Content: Encodable>: Encodable {
    /// Milliseconds since the header's `reference_time`.
    var time: Double
    var name: String
    /// The peer, and the socket's cookie in hexadecimal: `192.0.2.7:50123-1a2b`.
    var groupId: String
    var data: Content

    init(_ event: PhaseEvent, _ name: String, _ data: Content, _ start: WallClock) {
        time = Double(Int64(bitPattern: event.timeNanoseconds &- start.kernelNanoseconds)) / 1e6
        self.name = name
        groupId =
            EventText.peer(event.endpoint, event.remotePort) + "-" + String(event.socketCookie, radix: 16)
        self.data = data
    }
}

extension PhaseEvent {
    fileprivate func bytes(_ segments: UInt32) -> UInt64 { UInt64(segments) * UInt64(mssBytes) }

    /// `nil`: infinite.
    fileprivate var ssthreshBytes: UInt64? {
        ssthreshSegments == Decision.infiniteSSThresh ? nil : bytes(ssthreshSegments)
    }
}

/// `careful_resume_phase_updated` of draft-ietf-tsvwg-careful-resume-qlog.
struct QlogPhase: Encodable {
    /// `nil`: the connection has just been resumed.
    var old: String?
    var new: String
    var stateData: StateData
    /// Only if the connection has just been resumed.
    var restoredData: RestoredData?
    /// `nil`: the connection has just been resumed, for which the draft has no trigger.
    var trigger: String?

    init(_ event: PhaseEvent) {
        old = Phase.name(ofRawValue: event.oldPhase)
        new = Phase.name(ofRawValue: event.newPhase) ?? ""
        stateData = StateData(
            pipesize: event.bytes(event.pipeSizeSegments), firstUnvalidatedPacket: UInt64(event.firstUnvalidatedByte),
            lastUnvalidatedPacket: UInt64(event.lastUnvalidatedByte), congestionWindow: event.bytes(event.cwndSegments),
            ssthresh: event.ssthreshBytes)
        if event.newPhase == Phase.reconnaissance.rawValue {
            restoredData = RestoredData(
                savedCongestionWindow: event.savedCwndBytes, savedRtt: Double(event.savedRTTMicroseconds) / 1000)
        }
        trigger = event.trigger == Trigger.resumed.rawValue ? nil : Trigger.name(ofRawValue: event.trigger)
    }

    struct StateData: Encodable {
        /// Bytes.
        var pipesize: UInt64
        /// The first byte of the jump, counted from the connection's first, because TCP doesn't number packets; 0: none
        /// yet.
        var firstUnvalidatedPacket: UInt64
        /// The byte after the jump, counted in the same way; 0: not yet known.
        var lastUnvalidatedPacket: UInt64
        /// Bytes.
        var congestionWindow: UInt64
        /// Bytes.
        var ssthresh: UInt64?
    }

    struct RestoredData: Encodable {
        /// Bytes.
        var savedCongestionWindow: UInt64
        /// Milliseconds; 0: unknown.
        var savedRtt: Double
    }
}

/// `metrics_updated` of draft-ietf-quic-qlog-quic-events, from which viewers draw windows.
struct QlogMetrics: Encodable {
    /// Bytes.
    var congestionWindow: UInt64
    /// Bytes.
    var ssthresh: UInt64?
    /// Bytes.
    var bytesInFlight: UInt64
    var packetsInFlight: UInt64
    /// Milliseconds.
    var smoothedRtt: Double?
    /// Milliseconds.
    var minRtt: Double?
    /// Bits per second.
    var pacingRate: UInt64?

    init(_ event: PhaseEvent) {
        congestionWindow = event.bytes(event.cwndSegments)
        ssthresh = event.ssthreshBytes
        bytesInFlight = event.bytes(event.flightSegments)
        packetsInFlight = UInt64(event.flightSegments)
        smoothedRtt = event.knownSRTTMicroseconds.map { Double($0) / 1000 }
        minRtt = event.knownMinRTTMicroseconds.map { Double($0) / 1000 }
        pacingRate = event.knownPacingRate.flatMap { $0 > .max / 8 ? nil : $0 * 8 }
    }
}
