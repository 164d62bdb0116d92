// SPDX-License-Identifier: Apache-2.0

import Measurements

/// What TCP should have started from after the handover, and what it did start from.
struct DemoVerdict {
    let expectedCwndSegments: Int64
    /// nil: infinite, TCP's own value. Either QUIC never lost a packet, or the policy does not set the threshold at
    /// first.
    let expectedSsthreshSegments: Int64?
    let cwndSegments: Int64
    let ssthreshSegments: Int64?
    let mssBytes: Int64
    let congestionControl: String
    /// What is not as expected, one line each; empty if everything is.
    let objections: [String]

    /// - Parameters:
    ///   - policy: the policy of the handover.
    ///   - wanted: the congestion control that was requested.
    /// - Throws: `LabError` if the server did not report what has to be compared.
    init(_ trial: DemoTrial, policy: DemoPolicy, congestionControl wanted: String) throws {
        guard let sample = trial.sample else { throw LabError("no sample of the QUIC connection was saved") }
        guard let cwnd = trial.accepted.cwndSegments, let mss = trial.accepted.mssBytes, mss > 0 else {
            throw LabError("`baton serve` did not report what the accepted TCP connection started from")
        }
        let found = trial.accepted.congestionControl ?? "unknown"
        // under `careful` the socket has Baton's congestion control until the Normal Phase; its own is in the kernel's
        // event
        let isBaton = policy == .careful && (found == "baton" || found.hasPrefix("baton_"))
        let control = isBaton ? trial.decision?.congestionControl ?? "unknown" : found
        cwndSegments = cwnd
        mssBytes = mss
        congestionControl = control
        ssthreshSegments = trial.accepted.ssthreshSegments
        switch policy {
        case .careful:
            expectedCwndSegments = sample.cwndBytes / 2 / mss
            expectedSsthreshSegments = nil
        case .exact:
            expectedCwndSegments = Statistics.segments(bytes: sample.cwndBytes, mss: mss)
            expectedSsthreshSegments = sample.ssthreshBytes.map { Statistics.segments(bytes: $0, mss: mss) }
        }

        var objections: [String] = []
        if cwndSegments != expectedCwndSegments {
            objections.append("cwnd is \(cwndSegments) segments, expected \(expectedCwndSegments)")
        }
        // BBR sets ssthresh to infinity itself, and does not use it
        if control != "bbr", ssthreshSegments != expectedSsthreshSegments {
            objections.append(
                "ssthresh is \(Self.text(ssthreshSegments)) segments, expected \(Self.text(expectedSsthreshSegments))")
        }
        if policy == .careful, !isBaton {
            objections.append("the socket does not have Baton's congestion control, but \(found)")
        }
        if control != wanted {
            objections.append("congestion control is \(control), expected \(wanted)")
        }
        if let decision = trial.decision {
            if decision.outcome != "resumed" {
                objections.append("the kernel program did not resume the connection: \(decision.outcome)")
            }
        } else {
            objections.append("the kernel program reported no decision for the connection")
        }
        self.objections = objections
    }

    private static func text(_ segments: Int64?) -> String { segments.map { "\($0)" } ?? "infinite" }
}
