// SPDX-License-Identifier: Apache-2.0

import Glibc
import Measurements
import PathEmulator
import Scenarios

/// Scenarios measured into a directory of results.
struct LabRun {
    let scenarios: [Scenario]
    let seed: UInt64
    let rounds: Int?
    let attempts: Int
    let programs: ProgramOptions
    let directory: String
    let resume: Bool

    /// `lab-results/20261122-201500`, in local time.
    static func newDirectory() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y%m%d-%H%M%S", &parts)
        return "lab-results/" + String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Measures everything.
    ///
    /// - Throws: `LabError` if it can't begin, or if every attempt at some measurement was spoiled; `Interruption` at a
    ///   signal: what was measured until then is kept.
    func run() throws {
        // before programs are looked up: a results directory that can't be used is reported even where one is missing
        let (file, known) = try open()
        try programs.preflight()
        if resume { try demandTheSame(as: known) }
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        try Leftovers.sweep(Command(signals: signals))
        try file.append(try header())
        let measurements = scenarios.map { scenario in
            Schedule.measurements(of: scenario, rounds: rounds, seed: seed).filter {
                !known.contains($0.key, round: $0.round)
            }
        }
        var progress = ProgressBar(measurements.flatMap { $0 })
        if resume { progress.say("\(known.samples.count) measurements exist already") }
        var missing = 0
        do {
            missing = try Teardown.around { teardown in
                let lab = try RunDirectory.make(LabNames(), teardown)
                return try measure(measurements, into: file, known, lab, signals, &progress)
            }
        } catch let interruption as Interruption {
            progress.end()
            Progress.say("what was measured is in \(directory); continue with --resume --results \(directory)")
            throw interruption
        }
        progress.end()
        JSONLine.write("\(directory)")
        Progress.say("show the results with: baton-lab report \(directory)")
        guard missing == 0 else {
            throw LabError(
                "\(missing) measurements are missing, each spoiled in \(attempts) attempts; the machine is too busy")
        }
    }

    private func measure(
        _ measurements: [[Measurement]], into file: ResultsFile, _ known: RecordedResults, _ lab: RunDirectory,
        _ signals: SignalDescriptor, _ progress: inout ProgressBar
    ) throws -> Int {
        let numbers = Numbers()
        let spoiled = known.samples.filter { $0.spoiled != nil }.reduce(into: [MeasurementKey: [Int: Int]]()) {
            $0[$1.key, default: [:]][$1.round, default: 0] += 1
        }
        var missing = 0
        for (scenario, measurements) in zip(scenarios, measurements) {
            for control in scenario.congestionControls {
                let own = measurements.filter { $0.congestionControl == control }
                guard !own.isEmpty else { continue }
                let run = ScenarioRun(
                    scenario: scenario, congestionControl: control, programs: programs, directory: lab, results: file,
                    attempts: attempts, signals: signals, numbers: numbers, spoiledBefore: spoiled)
                missing += try run.run(own, &progress)
            }
        }
        return missing
    }

    /// The results file, and what it holds already.
    private func open() throws -> (ResultsFile, RecordedResults) {
        let file = ResultsFile(in: directory)
        guard access(file.path, F_OK) == 0 else { return (file, RecordedResults()) }
        let known = try file.read()
        guard known.samples.isEmpty || resume else {
            throw LabError(
                .usage, "\(directory) already has results; name another directory, or continue them with --resume")
        }
        for old in known.headers where resume && old.seed != seed {
            throw LabError(.usage, "\(directory) was begun with --seed \(old.seed), not \(seed)")
        }
        return (file, known)
    }

    /// Refuses to continue if the new measurements could not be compared with the old ones.
    private func demandTheSame(as known: RecordedResults) throws {
        let new = try header()
        for old in known.headers {
            for (name, source) in new.scenarios where old.scenarios[name] ?? source != source {
                throw LabError("scenario '\(name)' has changed since \(directory) was begun; start a new run")
            }
            guard old.kernelRelease == new.kernelRelease, old.virtualTime == new.virtualTime else {
                throw LabError("\(directory) was begun on \(Self.kernel(of: old)); this is \(Self.kernel(of: new))")
            }
        }
    }

    private static func kernel(of header: RunHeader) -> String {
        "Linux \(header.kernelRelease)\(header.virtualTime ? ", virtual time" : "")"
    }

    private func header() throws -> RunHeader {
        RunHeader(
            startedAt: WallClock.now(), kernelRelease: Versions.kernel,
            processors: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            virtualTime: getenv("BATON_VIRTUAL_TIME") != nil, versions: try Versions.read(programs, of: scenarios),
            seed: seed, rounds: rounds,
            scenarios: Dictionary(scenarios.map { ($0.name, $0.source) }) { first, _ in first })
    }
}
