// SPDX-License-Identifier: Apache-2.0

import Measurements

/// What a handover should have given TCP, against what it gave.
struct DemoVerdict {
    let expectedCwndSegments: Int64
    /// nil: TCP's own stays, which is infinite: QUIC never lost a packet, or the policy leaves the threshold alone at first.
    let expectedSsthreshSegments: Int64?
    let cwndSegments: Int64
    let ssthreshSegments: Int64?
    let mssBytes: Int64
    let congestionControl: String
    /// What is not as it should be, one line each; empty if all is.
    let objections: [String]

    /// - Parameters:
    ///   - policy: under which it was handed over.
    ///   - wanted: the congestion control that was asked for.
    /// - Throws: `LabError` if the server left out what has to be compared.
    init(_ trial: DemoTrial, policy: DemoPolicy, congestionControl wanted: String) throws {
        guard let sample = trial.sample else { throw LabError("no sample of the QUIC connection was saved") }
        guard let cwnd = trial.accepted.cwndSegments, let mss = trial.accepted.mssBytes, mss > 0 else {
            throw LabError("`baton serve` did not say what the accepted TCP connection started from")
        }
        let found = trial.accepted.congestionControl ?? "unknown"
        // under `careful` Baton's control has the socket until the Normal Phase; the kernel's event tells the own one
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
        // BBR sets ssthresh to infinity by itself, and does not use it
        if control != "bbr", ssthreshSegments != expectedSsthreshSegments {
            objections.append(
                "ssthresh is \(Self.text(ssthreshSegments)) segments, expected \(Self.text(expectedSsthreshSegments))")
        }
        if policy == .careful, !isBaton { objections.append("Baton's control did not get the socket: it has \(found)") }
        if control != wanted {
            objections.append("congestion control is \(control), expected \(wanted)")
        }
        if let decision = trial.decision {
            if decision.outcome != "resumed" {
                objections.append("the kernel program did not resume the connection: \(decision.outcome)")
            }
        } else {
            objections.append("the kernel program said nothing about the connection")
        }
        self.objections = objections
    }

    private static func text(_ segments: Int64?) -> String { segments.map { "\($0)" } ?? "infinite" }
}
