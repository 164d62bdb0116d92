// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Foundation

extension ResumeEvent {
    /// For people.
    func line(_ clock: WallClock) -> String {
        let outcome = Outcome(rawValue: outcome)
        var words = [
            clock.timeOfDay(timeNanoseconds), EventText.column(outcome?.words ?? "outcome \(self.outcome)"),
            EventText.peer(endpoint, remotePort), isPassive ? "passive" : "active",
        ]
        let age = Duration(nanoseconds: ageNanoseconds).text
        switch outcome {
        case .resumed?: words += resumedWords(source == ResumeEvent.seedSource ? "seed maps" : "\(age) old")
        case .expired?: words.append("(\(saved), \(age) old)")
        case .gated?: words.append("(QUIC heard \(Duration(nanoseconds: silenceNanoseconds).text) ago)")
        case .rttMismatch?:
            words.append(
                "rtt:\(EventText.rtt(handshakeRTTMicroseconds)) (saved rtt \(EventText.rtt(savedRTTMicroseconds)))")
        case .inUse?: words.append("(another connection uses this record)")
        case .excluded?: words.append("(a rule leaves its network alone)")
        case .tooSmall?: words.append("(saved cwnd \(ByteCount.text(savedCwndBytes)), jump:\(jumpSegments))")
        case .refused?: words.append("(\(String(cString: strerror(-error))))")
        case .noRecord?, nil: break
        }
        return words.joined(separator: " ")
    }

    private func resumedWords(_ provenance: String) -> [String] {
        var words = [congestionControl.text, "cwnd:\(initialCwndSegments)→\(cwndSegments)"]
        if let jump { words.append("jump:\(jumpSegments) \(jump.rawValue)") }
        words += [
            "ssthresh:\(EventText.segments(initialSSThreshSegments))→\(EventText.segments(ssthreshSegments))",
            "mss:\(mssBytes)", "rtt:\(EventText.rtt(handshakeRTTMicroseconds))",
        ]
        if pacingRate > 0 {
            words.append(EventText.rate(UInt64(pacingRate)) + (pacingRate == .max ? " or more" : ""))
        }
        words.append("(\(saved), \(provenance))")
        return words
    }

    private var saved: String {
        let ssthresh = savedSSThreshBytes == SavedParameters.neverLost ? "inf" : ByteCount.text(savedSSThreshBytes)
        return "saved cwnd \(ByteCount.text(savedCwndBytes)) ssthresh \(ssthresh)"
    }

    var isPassive: Bool { operation == 5 }

    /// When the jump may begin; `nil` if there is none.
    var jump: Jump? {
        guard jumpSegments > 0, outcome == Outcome.resumed.rawValue else { return nil }
        return jumpMoment == KernelConfiguration.jumpAtOnce ? .atOnce : .afterFirstRound
    }
}
