// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// The demo's result as text.
struct DemoTable {
    let options: DemoOptions
    let results: DemoResults
    let trial: DemoTrial
    let verdict: DemoVerdict

    /// The whole table.
    var text: String {
        [path, sample, handover, times].joined(separator: "\n\n") + "\n\n" + conclusion
    }

    private var path: String {
        let link = options.path.link
        let product = Double(link.bitsPerSecond) / 8e9 * Double(options.path.rtt.nanoseconds)
        return """
            Path        \(options.path.rtt.description) round trip, \(options.path.rate.description)/s, \
            queue \(Text.grouped(link.queueBytes)) bytes, loss \(options.path.loss.description), \
            IPv\(options.ipv6 ? 6 : 4); bandwidth-delay product \(Text.grouped(Int64(product))) bytes
            Kernel      \(Versions.kernel)
            Client      libcurl over HTTP/\(trial.httpVersions[0]), then HTTP/\(trial.httpVersions[1]) over TCP; \
            gave up on QUIC \(Text.decimal(giveUp, digits: 0)) ms after its last byte
            """
    }

    private var giveUp: Double { Statistics.median(results.trials.map(\.giveUpMilliseconds)) ?? 0 }

    private var sample: String {
        """
        Last QUIC sample that was saved
          cwnd        \(Text.padded(Text.grouped(trial.sample?.cwndBytes ?? 0), width: 12)) bytes
          ssthresh    \(Text.padded(trial.sample?.ssthreshBytes.map(Text.grouped) ?? "never lost", width: 12))\
        \(trial.sample?.ssthreshBytes == nil ? "" : " bytes")
          srtt        \(milliseconds(trial.sample?.srttMicroseconds))
          min rtt     \(milliseconds(trial.sample?.minRTTMicroseconds))
        """
    }

    private var handover: String {
        let event = trial.decision
        let bbr = verdict.congestionControl == "bbr"
        let expectedSsthresh = bbr ? "bbr's own" : segments(verdict.expectedSsthreshSegments)
        let ssthreshMark = bbr ? "" : mark(verdict.ssthreshSegments == verdict.expectedSsthreshSegments)
        return [
            row("TCP under policy \(options.policy.rawValue)", "expected", "found", "kernel event"),
            row(
                "  cwnd, segments", segments(verdict.expectedCwndSegments), segments(verdict.cwndSegments),
                event.map { segments($0.cwndSegments) } ?? "-")
                + mark(verdict.cwndSegments == verdict.expectedCwndSegments),
            row(
                "  ssthresh, segments", expectedSsthresh, segments(verdict.ssthreshSegments),
                event.map { segments($0.ssthreshSegments) } ?? "-") + ssthreshMark,
            row("  MSS, bytes", "", Text.grouped(verdict.mssBytes), event?.mssBytes.map(Text.grouped) ?? "-"),
            row(
                "  congestion control", options.congestionControl, verdict.congestionControl,
                event?.congestionControl ?? "-"),
            row("  decision", "resumed", "", event?.outcome ?? "none"),
        ].joined(separator: "\n") + phases
    }

    private var phases: String {
        trial.phases.isEmpty
            ? ""
            : "\n\nPhases of Careful Resume\n"
                + trial.phases.map { phase in
                    "  " + phase.phase + String(repeating: " ", count: max(1, 24 - phase.phase.count))
                        + "cwnd \(Text.padded(Text.grouped(phase.cwndSegments), width: 5))   \(phase.trigger)"
                }.joined(separator: "\n")
    }

    private func row(_ title: String, _ expected: String, _ found: String, _ event: String) -> String {
        title + String(repeating: " ", count: max(0, 26 - title.count)) + Text.padded(expected, width: 14)
            + Text.padded(found, width: 12) + Text.padded(event, width: 15)
    }

    private func segments(_ value: Int64?) -> String { value.map(Text.grouped) ?? "infinite" }

    private var times: String {
        let rows: [(String, (DemoTrial) -> Double)] = [
            ("100 KB", \.milliseconds100KB), ("1 MB", \.milliseconds1MB),
            ("whole body", \.millisecondsBody),
        ]
        let header = "From connect(), ms            with     without       bound   without/with   with/bound"
        let lines = rows.map { title, figure in
            let with = results.median(.withHandover, figure)
            let without = results.median(.withoutHandover, figure)
            let bound = results.median(.bound, figure)
            return "  \(title)" + String(repeating: " ", count: 20 - title.count)
                + Text.decimal(with, digits: 0, width: 12) + Text.decimal(without, digits: 0, width: 12)
                + Text.decimal(bound, digits: 0, width: 12) + Text.decimal(without / with, digits: 2, width: 15)
                + Text.decimal(with / bound, digits: 2, width: 13)
        }
        let retransmits =
            "  retransmits         "
            + DemoTreatment.allCases.map { treatment in
                Text.decimal(results.median(treatment) { Double($0.retransmits) }, digits: 0, width: 12)
            }.joined()
        return ([header] + lines + [retransmits]).joined(separator: "\n")
    }

    private var conclusion: String {
        let runs = options.repeat == 1 ? "one run each" : "medians of \(options.repeat) runs each"
        let worst = Text.decimal(Double(results.worstLatenessNanoseconds) / 1e6, digits: 1)
        let discarded = results.spoiled.isEmpty ? "" : ", \(results.spoiled.count) discarded because it was later"
        let verdict =
            self.verdict.objections.isEmpty
            ? "TCP started from what QUIC knew."
            : "TCP did not start from what QUIC knew: \(self.verdict.objections.joined(separator: "; "))."
        return
            "\(runs); the path emulator was at most \(worst) ms late\(discarded). \"bound\" is a route with initcwnd "
            + "\(DemoTreatment.boundSegments).\n\(verdict)"
    }

    private func mark(_ matches: Bool) -> String { matches ? "   ok" : "   DIFFERS" }

    private func milliseconds(_ microseconds: Int64?) -> String {
        microseconds.map { Text.decimal(Double($0) / 1000, digits: 1, width: 12) + " ms" }
            ?? Text.padded("unknown", width: 12)
    }
}
