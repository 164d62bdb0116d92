// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared

extension PhaseEvent {
    /// For people.
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
