// SPDX-License-Identifier: Apache-2.0

import BatonShared

extension Phase {
    /// For people and programs, as draft-ietf-tsvwg-careful-resume-qlog has them.
    var name: String {
        switch self {
        case .reconnaissance: "reconnaissance"
        case .unvalidated: "unvalidated"
        case .validating: "validating"
        case .safeRetreat: "safe_retreat"
        case .normal: "normal"
        }
    }

    /// What a `PhaseEvent` has: `nil` for 0, which stands for none; a number for a phase that this source doesn't know.
    static func name(ofRawValue value: UInt32) -> String? {
        value == 0 ? nil : Phase(rawValue: value)?.name ?? "phase_\(value)"
    }
}
