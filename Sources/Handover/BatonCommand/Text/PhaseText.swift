// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonCommandLine
import BatonShared

extension PhaseEvent {
    /// The phase change as a line for people.
    func line(_ clock: WallClock) -> String {
        let phases = [oldPhase, newPhase].compactMap(Phase.name(ofRawValue:)).joined(separator: "→")
        var words = [
            clock.timeOfDay(timeNanoseconds), EventText.column("phase"), EventText.peer(endpoint, remotePort), phases,
            "(\(Trigger.name(ofRawValue: trigger)))", "cwnd:\(cwndSegments)",
            "ssthresh:\(EventText.segments(ssthreshSegments))", "pipesize:\(pipeSizeSegments)",
            "unacked:\(flightSegments)", "mss:\(mssBytes)", "rtt:\(EventText.rtt(srttMicroseconds))",
            "minrtt:\(EventText.rtt(minRTTMicroseconds))",
        ]
        if firstUnvalidatedByte > 0 {
            words.append("jump:\(firstUnvalidatedByte)-\(lastUnvalidatedByte > 0 ? "\(lastUnvalidatedByte)" : "")")
        }
        if lostSegments > 0 { words.append("lost:\(lostSegments)") }
        if let knownPacingRate { words.append(EventText.rate(knownPacingRate)) }
        return words.joined(separator: " ")
    }

    /// Bytes per second; `nil` if packets aren't paced.
    var knownPacingRate: UInt64? { pacingRate == 0 || pacingRate == .max ? nil : pacingRate }

    /// Microseconds; `nil` if none was measured yet.
    var knownSRTTMicroseconds: UInt32? { srttMicroseconds == 0 ? nil : srttMicroseconds }

    /// Microseconds; `nil` if none was measured yet.
    var knownMinRTTMicroseconds: UInt32? {
        minRTTMicroseconds == 0 || minRTTMicroseconds == .max ? nil : minRTTMicroseconds
    }
}

/// A phase change as JSON.
struct PhaseJSON: Encodable {
    var schema = schemaVersion
    var event = "phase"
    var timeNs: UInt64
    var remoteAddress: String
    var remotePort: UInt32
    var localPort: UInt32
    var socketCookie: UInt64
    /// `null`: the connection was just resumed.
    var oldPhase: Nullable<String>
    var newPhase: Nullable<String>
    var trigger: String
    var savedCwndBytes: UInt64
    /// `null`: unknown.
    var savedRttUs: Nullable<UInt32>
    var mssBytes: UInt32
    var pipesizeSegments: UInt32
    var cwndSegments: UInt32
    /// `null`: infinite.
    var ssthreshSegments: Nullable<UInt32>
    var flightSegments: UInt32
    /// Counted from the connection's first byte; `null`: no jump yet.
    var firstUnvalidatedByte: Nullable<UInt32>
    /// Counted from the connection's first byte; `null`: the jump isn't over.
    var lastUnvalidatedByte: Nullable<UInt32>
    var srttUs: Nullable<UInt32>
    var minRttUs: Nullable<UInt32>
    var lostSegments: UInt32
    /// `null`: not paced.
    var pacingRateBytesPerS: Nullable<UInt64>

    init(_ event: PhaseEvent) {
        func known(_ value: UInt32) -> Nullable<UInt32> { Nullable(value == 0 ? nil : value) }
        timeNs = event.timeNanoseconds
        remoteAddress = event.endpoint.description
        remotePort = event.remotePort
        localPort = event.localPort
        socketCookie = event.socketCookie
        oldPhase = Nullable(Phase.name(ofRawValue: event.oldPhase))
        newPhase = Nullable(Phase.name(ofRawValue: event.newPhase))
        trigger = Trigger.name(ofRawValue: event.trigger)
        savedCwndBytes = event.savedCwndBytes
        savedRttUs = known(event.savedRTTMicroseconds)
        mssBytes = event.mssBytes
        pipesizeSegments = event.pipeSizeSegments
        cwndSegments = event.cwndSegments
        ssthreshSegments = Nullable(
            event.ssthreshSegments == Decision.infiniteSSThresh ? nil : event.ssthreshSegments)
        flightSegments = event.flightSegments
        firstUnvalidatedByte = known(event.firstUnvalidatedByte)
        lastUnvalidatedByte = known(event.lastUnvalidatedByte)
        srttUs = Nullable(event.knownSRTTMicroseconds)
        minRttUs = Nullable(event.knownMinRTTMicroseconds)
        lostSegments = event.lostSegments
        pacingRateBytesPerS = Nullable(event.knownPacingRate)
    }
}
