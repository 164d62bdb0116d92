// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton
import BatonCommandLine

struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Attach the handover to a cgroup, or replace the one that is attached.",
        discussion: """
            The programs stay attached after this command ends, until 'baton detach'.

            If a handover is already attached at the same pin directory, its programs are replaced without a gap, and \
            its records, rules and counts are kept. No setting of the old one is kept: an option that isn't given has \
            its default again, and without --compat-maps cwndebpf's maps are removed.
            """)

    @Option(
        help: ArgumentHelp(
            "The cgroup (cgroup2) whose TCP connections may be resumed, that is, may start from a record; cgroups "
                + "below it included. Default: the root cgroup, so all connections.",
            valueName: "path"))
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
