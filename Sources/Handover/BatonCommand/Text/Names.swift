// SPDX-License-Identifier: Apache-2.0

import BatonShared

extension Outcome {
    /// The outcome's name, for programs.
    var name: String {
        switch self {
        case .noRecord: "no_record"
        case .expired: "expired"
        case .gated: "gated"
        case .rttMismatch: "rtt_mismatch"
        case .inUse: "in_use"
        case .resumed: "resumed"
        case .refused: "refused"
        case .excluded: "excluded"
        case .tooSmall: "too_small"
        }
    }

    /// The outcome in words, for people.
    var words: String {
        switch self {
        case .noRecord: "no record"
        case .rttMismatch: "RTT mismatch"
        case .inUse: "in use"
        case .tooSmall: "too small"
        default: name
        }
    }
}

extension Phase {
    /// The phase's name in draft-ietf-tsvwg-careful-resume-qlog, for people and programs.
    var name: String {
        switch self {
        case .reconnaissance: "reconnaissance"
        case .unvalidated: "unvalidated"
        case .validating: "validating"
        case .safeRetreat: "safe_retreat"
        case .normal: "normal"
        }
    }

    /// The name of a phase in a `PhaseEvent`: `nil` for 0, which means none; with the number for a phase that this
    /// version doesn't know.
    static func name(ofRawValue value: UInt32) -> String? {
        value == 0 ? nil : Phase(rawValue: value)?.name ?? "phase_\(value)"
    }
}

extension Trigger {
    /// The trigger's name, for people and programs. Up to `exit_recovery` the names are those of
    /// draft-ietf-tsvwg-careful-resume-qlog. It has none for the rest; those names are our own.
    var name: String {
        switch self {
        case .congestionWindowLimited: "congestion_window_limited"
        case .rttNotValidated: "rtt_not_validated"
        case .lastUnvalidatedPacketSent: "last_unvalidated_packet_sent"
        case .firstUnvalidatedPacketAcknowledged: "first_unvalidated_packet_acknowledged"
        case .rttExceeded: "rtt_exceeded"
        case .rateLimited: "rate_limited"
        case .lastUnvalidatedPacketAcknowledged: "last_unvalidated_packet_acknowledged"
        case .pathChanged: "path_changed"
        case .packetLoss: "packet_loss"
        case .ecnCE: "ECN_CE"
        case .exitRecovery: "exit_recovery"
        case .resumed: "resumed"
        case .retransmissionTimeout: "retransmission_timeout"
        case .lifetimeExceeded: "lifetime_exceeded"
        case .detached: "detached"
        case .controlChanged: "control_changed"
        }
    }

    /// The name of a trigger in a `PhaseEvent`; with the number for a trigger that this version doesn't know.
    static func name(ofRawValue value: UInt32) -> String { Trigger(rawValue: value)?.name ?? "trigger_\(value)" }
}
