// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// Results that nobody measured, to try reports and pictures on.
struct SyntheticResults {
    static let header = RunHeader(
        startedAt: 1_700_000_000, kernelRelease: "6.18.0-test", processors: 2, virtualTime: false,
        versions: ["baton": "0.1", "libcurl": "8.1"], seed: 42, rounds: nil,
        scenarios: ["baseline": "title: A path\n", "lossy": "title: A lossy path\n"])

    /// One sample that counts.
    static func sample(
        _ treatment: Treatment = .exact, _ milliseconds: Double = 100, scenario: String = "baseline",
        load: Load = .body(ByteCount(bytes: 100_000)), round: Int = 1, control: String = "cubic",
        client: Scenario.Client = .plain, change: (inout Sample) -> Void = { _ in }
    ) -> Sample {
        var forward = DirectionReport()
        (forward.packets, forward.bytes) = (900, 1_300_000)
        var sample = Sample(
            scenario: scenario, treatment: treatment, congestionControl: control, client: client, load: load,
            round: round, attempt: 1, seed: 42 + UInt64(round), startedAt: 1_700_000_000.25,
            lastByteMilliseconds: milliseconds, retransmits: 0,
            path: PathReport(
                elapsedNanoseconds: 1_000_000_000, forward: forward, backward: DirectionReport(),
                maxStallNanoseconds: 200_000))
        change(&sample)
        return sample
    }

    /// As many samples as there are times.
    static func samples(
        _ treatment: Treatment, _ times: [Double], scenario: String = "baseline",
        load: Load = .body(ByteCount(bytes: 100_000)), change: (inout Sample) -> Void = { _ in }
    ) -> [Sample] {
        times.enumerated().map { index, time in
            sample(treatment, time, scenario: scenario, load: load, round: index + 1, change: change)
        }
    }

    /// A whole run: several scenarios, loads and treatments, with series, written to a directory.
    static func write(to directory: String, scenarios: [String] = ["baseline", "lossy", "path-halved"]) throws {
        let file = ResultsFile(in: directory)
        var header = header
        header.scenarios = Dictionary(uniqueKeysWithValues: scenarios.map { ($0, "title: Made up\n") })
        try file.append(header)
        var generator = Generator(state: 1)
        let treatments: [(Treatment, [Double])] = [
            (.stock, [413, 820, 1484]), (.exact, [309, 610, 1310]), (.initialWindow(segments: 32), [312, 705, 1390]),
            (.bound, [308, 605, 1300]), (.boundOpen, [218, 373, 1036]),
        ]
        let loads: [Load] = ["100kB", "1MB", "5MB"].compactMap(Load.init)
        for (place, scenario) in scenarios.enumerated() {
            for round in 1...7 {
                for (index, load) in loads.enumerated() {
                    for (treatment, times) in treatments {
                        // the second scenario is one in which Baton does harm
                        let harm = place == 1 && treatment == .exact ? 1.6 : 1
                        let time = times[index] * harm * Double(place + 1) * (1 + 0.04 * generator.unit())
                        var sample = sample(treatment, time, scenario: scenario, load: load, round: round)
                        if generator.unit() < 0.02 {
                            sample.spoiled = "the path emulator was 6.1 ms late"
                        }
                        let window = treatment == .stock ? 10 : 400
                        sample.start = Sample.Start(
                            cwndSegments: Int64(window), ssthreshSegments: treatment == .exact ? 300 : nil,
                            mssBytes: 1448)
                        sample.outcomes = treatment == .exact ? ["resumed": 1] : [:]
                        sample.retransmits = treatment == .bound ? 42 : 0
                        if round == 1 {
                            let name = "\(scenario)-\(treatment)-\(index)".split(separator: " ").joined(separator: "-")
                            sample.series = try file.write(states(window: window, until: time), series: name)
                        }
                        try file.append(sample)
                    }
                }
            }
        }
    }

    /// Slow start: the window doubles each 100 ms, up to 900 segments.
    static func states(window: Int, until end: Double) -> [SocketState] {
        stride(from: 0, through: end, by: 10).map { time in
            let rounds = Int(time / 100)
            return SocketState(
                milliseconds: time, remotePort: 40_000, cwndSegments: min(Int64(window) << min(rounds, 10), 900),
                ssthreshSegments: time < 300 ? nil : 450, pacingBytesPerSecond: nil, rttMicroseconds: 100_000,
                deliveryBytesPerSecond: 6_000_000, segmentsInFlight: 10, retransmits: 0, bytesAcknowledged: 0)
        }
    }
}
