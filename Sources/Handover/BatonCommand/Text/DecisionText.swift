// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonCommandLine
import BatonShared
import Foundation

extension Decision {
    /// The decision as a line for people.
    func line(_ clock: WallClock) -> String {
        let outcome = Outcome(rawValue: outcome)
        var words = [
            clock.timeOfDay(timeNanoseconds), EventText.column(outcome?.words ?? "outcome \(self.outcome)"),
            EventText.peer(endpoint, remotePort), isPassive ? "passive" : "active",
        ]
        let age = Duration(nanoseconds: ageNanoseconds).text
        switch outcome {
        case .resumed?: words += resumedWords(source == Decision.compatMapsSource ? "compat maps" : "\(age) old")
        case .expired?: words.append("(\(saved), \(age) old)")
        case .gated?: words.append("(heard over QUIC \(Duration(nanoseconds: silenceNanoseconds).text) ago)")
        case .rttMismatch?:
            words.append(
                "rtt:\(EventText.rtt(handshakeRTTMicroseconds)) (saved rtt \(EventText.rtt(savedRTTMicroseconds)))")
        case .inUse?: words.append("(another connection uses this record)")
        case .excluded?: words.append("(a rule excludes the peer's network)")
        case .tooSmall?: words.append("(saved cwnd \(ByteCount.text(savedCwndBytes)), jump:\(jumpSegments))")
        case .refused?: words.append("(\(String(cString: strerror(-error))))")
        case .noRecord?, nil: break
        }
        return words.joined(separator: " ")
    }

    private func resumedWords(_ provenance: String) -> [String] {
        var words = [congestionControl.text, "cwnd:\(initialCwndSegments)→\(cwndSegments)"]
        if let jump { words.append("jump:\(jumpSegments) \(jump.name)") }
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

    /// When the jump may begin; `nil`: there is no jump.
    var jump: Jump? {
        guard jumpSegments > 0, outcome == Outcome.resumed.rawValue else { return nil }
        return Jump(rawValue: jumpMoment)
    }
}

/// A decision as JSON. Values that the decision didn't need are 0 or `null`.
struct DecisionJSON: Encodable {
    var schema = schemaVersion
    var event = "decision"
    var timeNs: UInt64
    var outcome: String
    var remoteAddress: String
    var remotePort: UInt32
    var localPort: UInt32
    var passive: Bool
    var source: Nullable<String>
    var savedCwndBytes: UInt64
    var savedSsthreshBytes: Nullable<UInt64>
    var savedRttUs: Nullable<UInt32>
    /// The record's smoothed RTT; `saved_rtt_us` is its minimum RTT, if that is known.
    var savedSrttUs: Nullable<UInt32>
    var handshakeRttUs: Nullable<UInt32>
    var ageNs: UInt64
    var silenceNs: UInt64
    var generation: UInt64
    var socketCookie: UInt64
    var mssBytes: UInt32
    var initialCwndSegments: UInt32
    var initialSsthreshSegments: Nullable<UInt32>
    var cwndSegments: UInt32
    /// `null`: there is no jump, under the policy `exact`.
    var jumpSegments: Nullable<UInt32>
    /// When the jump may begin.
    var jump: Nullable<String>
    var ssthreshSegments: Nullable<UInt32>
    /// The slow start threshold that the connection gets if the path carries the jump; `null`: TCP's own.
    var validatedSsthreshSegments: Nullable<UInt32>
    var pacingRateBytesPerS: Nullable<UInt32>
    var congestionControl: String
    var errno: Int32

    init(_ event: Decision) {
        func finite(_ segments: UInt32) -> Nullable<UInt32> {
            Nullable(segments == Decision.infiniteSSThresh ? nil : segments)
        }
        func known(_ value: UInt32) -> Nullable<UInt32> { Nullable(value == 0 ? nil : value) }
        timeNs = event.timeNanoseconds
        outcome = Outcome(rawValue: event.outcome)?.name ?? "unknown"
        remoteAddress = event.endpoint.description
        remotePort = event.remotePort
        localPort = event.localPort
        passive = event.isPassive
        source = Nullable(
            event.source == Decision.recordSource
                ? "record" : event.source == Decision.compatMapsSource ? "compat_maps" : nil)
        savedCwndBytes = event.savedCwndBytes
        savedSsthreshBytes = Nullable(
            event.savedSSThreshBytes == SavedParameters.neverLost || event.source == 0 ? nil : event.savedSSThreshBytes)
        savedRttUs = known(event.savedRTTMicroseconds)
        savedSrttUs = known(event.savedSRTTMicroseconds)
        handshakeRttUs = known(event.handshakeRTTMicroseconds)
        ageNs = event.ageNanoseconds
        silenceNs = event.silenceNanoseconds
        generation = event.generation
        socketCookie = event.socketCookie
        mssBytes = event.mssBytes
        initialCwndSegments = event.initialCwndSegments
        initialSsthreshSegments = finite(event.initialSSThreshSegments)
        cwndSegments = event.cwndSegments
        jumpSegments = known(event.jumpSegments)
        jump = Nullable(event.jump?.name)
        ssthreshSegments = finite(event.ssthreshSegments)
        validatedSsthreshSegments = known(event.validatedSSThreshSegments)
        pacingRateBytesPerS = known(event.pacingRate)
        congestionControl = event.congestionControl.text
        errno = -event.error
    }
}
