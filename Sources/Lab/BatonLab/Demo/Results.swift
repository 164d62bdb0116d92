// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator

/// All runs of a demo.
struct Results {
    /// Runs that count, in the order in which they were made.
    var trials: [Trial] = []
    /// Runs that were thrown away because the emulator was late, and how late it was (ns).
    var spoiled: [(treatment: DemoTreatment, latenessNanoseconds: Int64)] = []

    /// The runs of one treatment.
    func trials(of treatment: DemoTreatment) -> [Trial] { trials.filter { $0.treatment == treatment } }

    /// The median of a figure of one treatment.
    func median(_ treatment: DemoTreatment, _ figure: (Trial) -> Double) -> Double {
        Statistics.median(trials(of: treatment).map(figure)) ?? .nan
    }

    /// How late the emulator was at most in the TCP part of the runs that count (ns).
    var worstLatenessNanoseconds: Int64 { trials.map(\.tcpReport.worstLatenessNanoseconds).max() ?? 0 }

    /// The handover that is shown: the first that is not as it should be, else the last.
    func shown(_ options: DemoOptions) throws -> (trial: Trial, verdict: Verdict) {
        var shown: (trial: Trial, verdict: Verdict)?
        for trial in trials(of: .withHandover) {
            let verdict = try Verdict(trial, policy: options.policy, congestionControl: options.congestionControl)
            if let before = shown, !before.verdict.objections.isEmpty { continue }
            shown = (trial, verdict)
        }
        guard let shown else { throw LabError("no run with handover was made") }
        return shown
    }
}
