// SPDX-License-Identifier: Apache-2.0

import BatonShared

extension Outcome {
    /// For programs.
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

    /// For people.
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
