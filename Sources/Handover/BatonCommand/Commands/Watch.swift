// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared
import Foundation

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a line for each decision on a TCP connection, and for each phase change of Careful Resume.",
        discussion: """
            A decision says that a new connection was resumed, that is, started from a record, or why not. Phases \
            change under the policy careful only. Phases and triggers have the names of \
            draft-ietf-tsvwg-careful-resume-qlog. The triggers resumed, retransmission_timeout, lifetime_exceeded, \
            detached and control_changed have none there; their names are Baton's own.

            Runs until it is interrupted, or the handover is detached. A handover can have one 'watch' at a time.
            """)

    @Flag(help: "Leave out connections whose peer has no record.")
    var recordsOnly = false

    @Option(
        help: ArgumentHelp(
            "Also write the phase changes to this file as a qlog (JSON-SEQ, for qvis and other viewers). An existing "
                + "file is overwritten.",
            valueName: "file.sqlog"))
    var qlog: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let handover = try Handover(pinDirectory: common.pinDirectory)
        let start = WallClock()
        var reader = try handover.watch()
        // After everything else that may fail: an existing file is overwritten only if the watch begins.
        var log: QlogFile?
        if let qlog { log = try QlogFile(path: qlog, start: start) }
        if !common.json { printError("watching \(common.pinDirectory); Ctrl-C stops") }
        repeat {
            let events = try reader.readAll(timeoutMilliseconds: 500)
            let now = WallClock()
            for event in events { try show(event, now) }
            fflush(nil)
            try log?.append(events)
        } while handover.isCurrent  // A handover attached after a detach has another buffer.
        if !common.json { printError("detached") }
    }

    private func show(_ event: KernelEvent, _ clock: WallClock) throws {
        switch event {
        case .decision(let event):
            if recordsOnly, event.outcome == Outcome.noRecord.rawValue { return }
            if common.json { try printJSON(DecisionJSON(event)) } else { print(event.line(clock)) }
        case .phase(let event):
            if common.json { try printJSON(PhaseJSON(event)) } else { print(event.line(clock)) }
        }
    }
}
