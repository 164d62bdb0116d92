// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine

struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Attach the handover to a cgroup, or replace the one that runs.",
        discussion: """
            It goes on when the command has ended, until 'baton detach'. Over one that runs at the same pins, programs \
            are replaced with no moment without one, and what is saved is kept. Settings are those given now: without \
            --compat-maps cwndebpf's maps go.
            """)

    @Option(help: "The cgroup2 whose TCP connections are resumed; without it: all.")
    var cgroup: String?

    @OptionGroup var handover: HandoverOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let path = try cgroup ?? Cgroup.root().path
        let done = try Handover.attach(
            to: try Cgroup(path: path), settings: handover.settings, pinDirectory: common.pinDirectory)
        if common.json {
            try printJSON(
                Result(schema: schemaVersion, result: done.rawValue, cgroup: path, pinDirectory: common.pinDirectory))
        } else {
            print("\(done.rawValue) on \(path), pinned at \(common.pinDirectory)")
        }
    }

    private struct Result: Encodable {
        var schema: Int
        var result: String
        var cgroup: String
        var pinDirectory: String
    }
}
