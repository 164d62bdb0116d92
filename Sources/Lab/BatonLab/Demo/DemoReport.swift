// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// The demo's result as one JSON object. Schema 1: keys may be added, never changed.
struct DemoReport: Encodable {
    struct Path: Encodable {
        let rtt_us: Int64
        let rate_bits_per_second: Int64
        let queue_bytes: Int64
        let loss: Double
        let ip_version: Int
    }

    struct QUIC: Encodable {
        let cwnd_bytes: Int64
        let ssthresh_bytes: OrNull<Int64>
        let srtt_us: OrNull<Int64>
        let min_rtt_us: OrNull<Int64>
    }

    struct TCP: Encodable {
        let cwnd_segments: Int64
        let expected_cwnd_segments: Int64
        let ssthresh_segments: OrNull<Int64>
        let expected_ssthresh_segments: OrNull<Int64>
        let mss_bytes: Int64
        let congestion_control: String
        let rtt_us: OrNull<Int64>
    }

    struct Figures: Encodable {
        struct Run: Encodable {
            let ms_100kb: Double
            let ms_1mb: Double
            let ms_body: Double
            let retransmits: Int64
            let ms_give_up: Double
            let ms_request_to_connect: Double
            let cwnd_segments: OrNull<Int64>
            let http_versions: [String]
            let max_lateness_us: Int64
            let max_lateness_quic_phase_us: Int64
        }

        let ms_100kb: Double
        let ms_1mb: Double
        let ms_body: Double
        let retransmits: Double
        let ms_give_up: Double
        let runs: [Run]

        init(_ results: DemoResults, _ treatment: DemoTreatment) {
            ms_100kb = results.median(treatment, \.milliseconds100KB)
            ms_1mb = results.median(treatment, \.milliseconds1MB)
            ms_body = results.median(treatment, \.millisecondsBody)
            retransmits = results.median(treatment) { Double($0.retransmits) }
            ms_give_up = results.median(treatment, \.giveUpMilliseconds)
            runs = results.trials(of: treatment).map {
                Run(
                    ms_100kb: $0.milliseconds100KB, ms_1mb: $0.milliseconds1MB, ms_body: $0.millisecondsBody,
                    retransmits: $0.retransmits, ms_give_up: $0.giveUpMilliseconds,
                    ms_request_to_connect: $0.requestToConnectMilliseconds,
                    cwnd_segments: OrNull($0.accepted.cwndSegments), http_versions: $0.httpVersions,
                    max_lateness_us: $0.tcpReport.worstLatenessNanoseconds / 1000,
                    max_lateness_quic_phase_us: $0.quicReport.worstLatenessNanoseconds / 1000)
            }
        }
    }

    struct Ratios: Encodable {
        let without_to_with: [String: Double]
        let with_to_bound: [String: Double]
    }

    struct EmulatorState: Encodable {
        let max_lateness_us: Int64
        let spoiled_runs: Int
    }

    let schema = 1
    let kernel_release: String
    let path: Path
    let seed: UInt64
    let body_bytes: Int64
    let `repeat`: Int
    let matches: Bool
    let objections: [String]
    let quic: QUIC
    let tcp: TCP
    let kernel_event: OrNull<DecisionLine>
    let policy: String
    let phases: [PhaseLine]
    let with_handover: Figures
    let without_handover: Figures
    let bound: Figures
    let bound_initcwnd_segments = DemoTreatment.boundSegments
    let ratios: Ratios
    let client_give_up_ms: Double
    let emulator: EmulatorState

    init(options: DemoOptions, results: DemoResults, trial: DemoTrial, verdict: DemoVerdict) {
        let link = options.path.link
        kernel_release = Versions.kernel
        path = Path(
            rtt_us: options.path.rtt.nanoseconds / 1000, rate_bits_per_second: link.bitsPerSecond,
            queue_bytes: link.queueBytes, loss: options.path.loss.value, ip_version: options.ipv6 ? 6 : 4)
        seed = options.path.seed
        body_bytes = options.body.bytes
        self.repeat = options.repeat
        matches = verdict.objections.isEmpty
        objections = verdict.objections
        quic = QUIC(
            cwnd_bytes: trial.sample?.cwndBytes ?? 0, ssthresh_bytes: OrNull(trial.sample?.ssthreshBytes),
            srtt_us: OrNull(trial.sample?.srttMicroseconds), min_rtt_us: OrNull(trial.sample?.minRTTMicroseconds))
        tcp = TCP(
            cwnd_segments: verdict.cwndSegments, expected_cwnd_segments: verdict.expectedCwndSegments,
            ssthresh_segments: OrNull(verdict.ssthreshSegments),
            expected_ssthresh_segments: OrNull(verdict.expectedSsthreshSegments), mss_bytes: verdict.mssBytes,
            congestion_control: verdict.congestionControl, rtt_us: OrNull(trial.accepted.rttMicroseconds))
        kernel_event = OrNull(trial.decision)
        policy = options.policy.rawValue
        phases = trial.phases
        with_handover = Figures(results, .withHandover)
        without_handover = Figures(results, .withoutHandover)
        bound = Figures(results, .bound)
        func ratios(_ upper: Figures, _ lower: Figures) -> [String: Double] {
            [
                "100kb": upper.ms_100kb / lower.ms_100kb, "1mb": upper.ms_1mb / lower.ms_1mb,
                "body": upper.ms_body / lower.ms_body,
            ]
        }
        self.ratios = Ratios(
            without_to_with: ratios(without_handover, with_handover), with_to_bound: ratios(with_handover, bound))
        client_give_up_ms = Statistics.median(results.trials.map(\.giveUpMilliseconds)) ?? 0
        emulator = EmulatorState(
            max_lateness_us: results.worstLatenessNanoseconds / 1000, spoiled_runs: results.spoiled.count)
    }
}

/// A value that is written as `null` when it is absent, not left out.
struct OrNull<Value: Encodable>: Encodable {
    private let value: Value?

    init(_ value: Value?) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value {
            try container.encode(value)
        } else {
            try container.encodeNil()
        }
    }
}
