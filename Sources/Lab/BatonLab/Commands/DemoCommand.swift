// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import PathEmulator
import Scenarios

/// A real client falls back from QUIC to TCP, with and without handover.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show a handover from QUIC to TCP, end to end.",
        discussion: """
            Joins two network namespaces by an emulated path, serves a body from one, and fetches it from the other with \
            libcurl over HTTP/3, until UDP is blocked and libcurl falls back to TCP. This is done with handover, without, \
            and with an initial window of \(DemoTreatment.boundSegments) segments as a bound. Times run from connect() of the TCP \
            connection. A run whose path was not what it should be, because the emulator was late, is repeated.

            Exit status 0 only if TCP started from what QUIC knew.
            """)

    @OptionGroup
    var options: DemoOptions

    func run() throws {
        try Testbed.preflight(
            tools: ["ip", "nft", "openssl"],
            programs: [
                (options.batonPath, "build it with `swift build -c release`, or name it with --baton"),
                (options.pythonPath, "run scripts/bootstrap, or name a Python with --python"),
            ])
        let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP])
        let command = Command(signals: signals)
        try Leftovers.sweep(command)
        let results = try Teardown.around { teardown in
            let directory = try RunDirectory.make(LabNames(), teardown)
            Progress.say("making a certificate and a body of \(Text.grouped(options.body.bytes)) bytes")
            let files = try ServerFiles(in: directory, bodyBytes: options.body.bytes, command)
            return try runAll(DemoRun(options: options, files: files, directory: directory, signals: signals))
        }
        let (trial, verdict) = try results.shown(options)
        if options.json {
            try JSONLine.print(DemoReport(options: options, results: results, trial: trial, verdict: verdict))
        } else {
            JSONLine.write(DemoTable(options: options, results: results, trial: trial, verdict: verdict).text)
        }
        guard verdict.objections.isEmpty else {
            throw LabError("found is not expected: \(verdict.objections.joined(separator: "; "))")
        }
    }

    private func runAll(_ demo: DemoRun) throws -> DemoResults {
        var results = DemoResults()
        var number = 0
        for round in 1...options.repeat {
            // side by side in time, so that a change of the machine's mood meets all alike
            for treatment in DemoTreatment.allCases {
                var attempt = 0
                while true {
                    (number, attempt) = (number + 1, attempt + 1)
                    if options.repeat > 1 {
                        Progress.say("\(treatment.title): round \(round) of \(options.repeat)")
                    }
                    let trial = try demo(treatment, number: number)
                    guard trial.tcpReport.spoiled else {
                        results.trials.append(trial)
                        break
                    }
                    let lateness = trial.tcpReport.worstLatenessNanoseconds
                    results.spoiled.append((treatment, lateness))
                    let late =
                        "the path emulator was \(Text.decimal(Double(lateness) / 1e6, digits: 1)) ms late or lost packets"
                    guard attempt < options.attempts else {
                        throw LabError(
                            "\(late) in \(attempt) runs of '\(treatment.title)'; the machine is too busy to measure on")
                    }
                    Progress.say("\(treatment.title): \(late); running it again")
                }
            }
        }
        return results
    }
}
