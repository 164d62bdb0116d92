// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine
import BatonShared
import Foundation

struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Print a line for each TCP connection that is decided on, and for each change of phase of Careful Resume.",
        discussion: """
            A decision says that a connection was resumed, or why not. Changes of phase are those of the policy careful, \
            with the names of draft-ietf-tsvwg-careful-resume-qlog for phases and triggers; resumed, retransmission_timeout, \
            lifetime_exceeded, detached and control_changed are names of our own. Until it is interrupted, or the handover \
            is detached. One 'watch' at a time.
            """)

    @Flag(help: "Leave out connections for whose peer nothing is saved.")
    var recordsOnly = false

    @Option(
        help: ArgumentHelp(
            "Also write changes of phase to this file as a qlog (JSON-SEQ, for qvis and other viewers). An existing file "
                + "is overwritten.",
            valueName: "file.sqlog"))
    var qlog: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let handover = try Handover(pinDirectory: common.pinDirectory)
        let start = WallClock()
        var reader = try handover.watch()
        // Behind all else that may fail, so that a file is overwritten only for a watch that begins.
        var log: QlogFile?
        if let qlog { log = try QlogFile(path: qlog, start: start) }
        if !common.json { printError("watching \(common.pinDirectory); ^C ends") }
        repeat {
            let events = try reader.readAll(timeoutMilliseconds: 500)
            let now = WallClock()
            for event in events { try show(event, now) }
            fflush(nil)
            try log?.append(events)
        } while handover.isCurrent  // what is attached anew after a detach has another buffer
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
