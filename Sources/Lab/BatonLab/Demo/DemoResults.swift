// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator

/// All runs of a demo.
struct DemoResults {
    /// Runs that count, in the order in which they were made.
    var trials: [DemoTrial] = []
    /// Runs that were discarded because the emulator was late, and how late it was (ns).
    var spoiled: [(treatment: DemoTreatment, latenessNanoseconds: Int64)] = []

    /// The runs of one treatment.
    func trials(of treatment: DemoTreatment) -> [DemoTrial] { trials.filter { $0.treatment == treatment } }

    /// The median of a figure of one treatment.
    func median(_ treatment: DemoTreatment, _ figure: (DemoTrial) -> Double) -> Double {
        Statistics.median(trials(of: treatment).map(figure)) ?? .nan
    }

    /// The emulator's worst lateness in the TCP part of the runs that count (ns).
    var worstLatenessNanoseconds: Int64 { trials.map(\.tcpReport.worstLatenessNanoseconds).max() ?? 0 }

    /// The handover to show: the first that is not as expected, else the last.
    func shown(_ options: DemoOptions) throws -> (trial: DemoTrial, verdict: DemoVerdict) {
        var shown: (trial: DemoTrial, verdict: DemoVerdict)?
        for trial in trials(of: .withHandover) {
            let verdict = try DemoVerdict(trial, policy: options.policy, congestionControl: options.congestionControl)
            if let before = shown, !before.verdict.objections.isEmpty { continue }
            shown = (trial, verdict)
        }
        guard let shown else { throw LabError("no run with handover was made") }
        return shown
    }
}

/// The result of one run of one treatment.
struct DemoTrial {
    let treatment: DemoTreatment
    /// From connect() to 100,000 bytes, 1,000,000 bytes and the last byte of the body.
    let milliseconds100KB: Double
    let milliseconds1MB: Double
    let millisecondsBody: Double
    /// Segments that the server retransmitted, from before the TCP connection until its last byte arrived.
    let retransmits: Int64
    /// How long after QUIC's last byte the client gave up on QUIC.
    let giveUpMilliseconds: Double
    /// The head start that the client then gave to HTTP/3 again, before it opened the TCP connection.
    let requestToConnectMilliseconds: Double
    /// HTTP version of the first response and of the last.
    let httpVersions: [String]
    /// What the server saw of the accepted connection before its first data.
    let accepted: ServerEvent
    /// What was saved of the QUIC connection; nil without handover.
    let sample: SavedSample?
    /// What the kernel program decided; nil without handover.
    let decision: DecisionLine?
    /// The phases of Careful Resume that the TCP connection has gone through; none under the policy `exact`.
    let phases: [PhaseLine]
    /// The emulator's counters while HTTP/3 was in use, and while TCP was.
    let quicReport: PathReport
    let tcpReport: PathReport
}

/// What TCP starts from after the fallback.
enum DemoTreatment: CaseIterable {
    /// What the QUIC connection had learned.
    case withHandover
    /// The kernel's initial window, ten segments.
    case withoutHandover
    /// A large window for every connection, set by hand: about the best that a sender alone can do.
    case bound

    /// An initial window of the route that sets no limit, in segments.
    static let boundSegments = 400

    /// Shown while it runs.
    var title: String {
        switch self {
        case .withHandover: "with handover"
        case .withoutHandover: "without handover"
        case .bound: "bound (route initcwnd \(Self.boundSegments))"
        }
    }
}
