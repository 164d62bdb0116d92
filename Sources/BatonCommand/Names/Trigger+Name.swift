// SPDX-License-Identifier: Apache-2.0

import BatonShared

extension Trigger {
    /// For people and programs. Up to `exit_recovery` these are the names of draft-ietf-tsvwg-careful-resume-qlog; the rest
    /// are our own, for what it has no name for.
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

    /// What a `PhaseEvent` has; a number for a trigger that this source doesn't know.
    static func name(ofRawValue value: UInt32) -> String { Trigger(rawValue: value)?.name ?? "trigger_\(value)" }
}
