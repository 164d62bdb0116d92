// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
import Scenarios

/// The measurements of one scenario with one congestion control, on a path of their own.
struct ScenarioRun {
    private static let learningAttempts = 10

    let scenario: Scenario
    let congestionControl: String
    let programs: ProgramOptions
    let directory: RunDirectory
    let results: ResultsFile
    /// How many times a measurement is tried before the machine counts as too busy.
    let attempts: Int
    let signals: SignalDescriptor
    let numbers: Numbers
    /// Spoiled attempts in the run that this one continues, by measurement and round.
    let spoiledBefore: [MeasurementKey: [Int: Int]]

    /// Makes these measurements, in their order.
    ///
    /// - Returns: how many are missing because every attempt was spoiled.
    func run(_ measurements: [Measurement], _ progress: inout ProgressBar) throws -> Int {
        try Teardown.around { teardown in
            let command = Command(signals: signals)
            let testbed = try Testbed(
                plan: ScenarioPlan(scenario).plan, seed: 0, neighbour: scenario.neighbour,
                addresses: scenario.simultaneous, congestionControl: congestionControl, directory: directory,
                signals: signals, teardown)
            if !testbed.path.realTime {
                progress.say("the path emulator got no real-time scheduling; expect it to be late")
            }
            let learning = ServedContent.learningBytes(
                rate: BitRate(bitsPerSecond: scenario.down.bitsPerSecond), roundTrip: scenario.roundTrip)
            let files = try ServerFiles(in: directory, bodyBytes: learning, command)
            let host = testbed.server
            let server =
                scenario.client == .plain
                ? try CleartextServer(
                    address: scenario.family == .ipv4 ? host.address4 : host.address6, in: host.namespace,
                    cgroup: testbed.cgroup, log: "\(directory.path)/plain-server.log", signals: signals, teardown)
                : nil
            var saved: (round: Int, sample: Sample.Saved)?
            var missing = 0
            for measurement in measurements {
                progress.begin(measurement)
                if server != nil, saved?.round != measurement.round {
                    let sampling = QUICSampling(
                        programs: programs, files: files, testbed: testbed, signals: signals)
                    saved = (measurement.round, try learn(sampling, measurement, progress))
                }
                let isThere = try measure(measurement, testbed.path, progress) { attempt, series in
                    if let server, let saved {
                        let trial = CleartextTrial(
                            measurement: measurement, testbed: testbed, server: server, programs: programs,
                            signals: signals)
                        return try trial.run(saved: saved.sample, attempt: attempt, series: &series)
                    }
                    let trial = FallbackTrial(
                        measurement: measurement, testbed: testbed, programs: programs, files: files,
                        signals: signals, number: numbers.next())
                    return try trial.run(attempt: attempt, series: &series)
                }
                missing += isThere ? 0 : 1
                progress.finish(measurement)
            }
            return missing
        }
    }

    /// What QUIC learns of the path in a round, from a connection that was not spoiled.
    private func learn(
        _ sampling: QUICSampling, _ measurement: Measurement, _ progress: ProgressBar
    ) throws -> Sample.Saved {
        let path = sampling.testbed.path
        for attempt in 1...Self.learningAttempts {
            try path.begin(seed: Schedule.samplingSeed(measurement.seed))
            let saved: Sample.Saved
            do { saved = try sampling.sample(scenario, number: numbers.next()) } catch let error as LabError {
                // on a lossy path QUIC's window may stay too small to be saved; which packets are lost differs each
                // time
                guard attempt < Self.learningAttempts else { throw error }
                progress.say("\(scenario.name), HTTP/3 in round \(measurement.round): \(error); trying again")
                continue
            }
            guard let reason = try path.takeReport().spoiledBecause else { return saved }
            progress.say("\(scenario.name), HTTP/3 in round \(measurement.round): \(reason); trying again")
        }
        throw LabError(
            "the path emulator was late in \(Self.learningAttempts) HTTP/3 connections; the machine is too busy")
    }

    /// Tries until an attempt isn't spoiled; spoiled attempts go into the results, marked as such.
    private func measure(
        _ measurement: Measurement, _ path: EmulatedPath, _ progress: ProgressBar,
        _ body: (Int, inout [SocketState]) throws -> Sample
    ) throws -> Bool {
        let before = spoiledBefore[measurement.key, default: [:]][measurement.round] ?? 0
        for attempt in 1...attempts {
            var series: [SocketState] = []
            var sample: Sample
            do {
                sample = try body(before + attempt, &series)
            } catch let error as LabError {
                // if the client failed because the emulator stood still, that says nothing about the treatment
                guard attempt < attempts, let reason = try path.takeReport().spoiledBecause else { throw error }
                progress.say("\(measurement.title): \(reason) (\(error)); trying again")
                continue
            }
            sample.spoiled = sample.spoiled ?? sample.path.spoiledBecause
            if sample.spoiled == nil, measurement.round == 1 {
                // the first round is enough to see how the window developed
                sample.series = try results.write(series, series: measurement.seriesName)
            }
            try results.append(sample)
            guard let reason = sample.spoiled else { return true }
            progress.say("\(measurement.title): \(reason); \(attempt < attempts ? "trying again" : "giving up")")
        }
        return false
    }
}

/// Counts servers, so that the logs and pins of each have names of their own.
final class Numbers {
    private var last = 0

    func next() -> Int {
        last += 1
        return last
    }
}

extension PathReport {
    /// Why measurements of this period don't count; nil if they do.
    var spoiledBecause: String? {
        guard spoiled else { return nil }
        let lost = [forward, backward].map { $0.ringDrops + $0.writeErrors + $0.deviceDrops }.reduce(0, +)
        if lost > 0 { return "the path emulator itself lost \(lost) packets" }
        let late = Text.decimal(Double(worstLatenessNanoseconds) / 1e6, digits: 1)
        return "the path emulator was \(late) ms late"
    }
}
