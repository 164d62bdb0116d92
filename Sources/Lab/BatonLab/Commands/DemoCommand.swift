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
            Joins two network namespaces by an emulated path and serves a body from one of them. In the other, libcurl \
            fetches it over HTTP/3; then UDP is blocked, and libcurl falls back to TCP. The demo runs with handover, \
            without, and with an initial window of \(DemoTreatment.boundSegments) segments as a bound: about the best \
            that a sender alone can do. Times run from connect() of the TCP connection. A run is repeated if the path \
            emulator was late.

            Exit status 0 only if TCP started from what QUIC knew.
            """)

    @OptionGroup
    var options: DemoOptions

    func run() throws {
        try options.programs.preflight()
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
            throw LabError("not as expected: \(verdict.objections.joined(separator: "; "))")
        }
    }

    private func runAll(_ demo: DemoRun) throws -> DemoResults {
        var results = DemoResults()
        var number = 0
        for round in 1...options.repeat {
            // treatments take turns, so that a change of the machine's load affects all of them alike
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
                    let milliseconds = Text.decimal(Double(lateness) / 1e6, digits: 1)
                    let late = "the path emulator was \(milliseconds) ms late or lost packets"
                    guard attempt < options.attempts else {
                        throw LabError(
                            "\(late) in \(attempt) runs of '\(treatment.title)'; the machine is too busy to measure on")
                    }
                    Progress.say("\(treatment.title): \(late); repeating the run")
                }
            }
        }
        return results
    }
}
