// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BPF
import Baton

struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Attach the hand-over to a cgroup, or replace the one that runs.",
        discussion: """
            It goes on when the command has ended, until 'baton detach'. Over one that runs at the same pins, programs \
            are replaced with no moment without one, and what is saved is kept. Settings are those given now: without \
            --seed-maps the seed's maps go.
            """)

    @Option(help: "The cgroup2 whose TCP connections are resumed; without it: all.")
    var cgroup: String?

    @OptionGroup var handOver: HandOverOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let path = try cgroup ?? Cgroup.root().path
        let done = try HandOver.attach(
            to: try Cgroup(path: path), settings: handOver.settings, pinDirectory: common.pinDirectory)
        if common.json {
            printJSON(
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

struct Detach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the hand-over and remove all that belongs to it.",
        discussion: "Also removes what an 'attach' left that was ended half-way. Nothing happens if nothing is there.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let wasThere = try HandOver.detach(pinDirectory: common.pinDirectory)
        if common.json {
            printJSON(
                Result(
                    schema: schemaVersion, result: wasThere ? "detached" : "not_attached",
                    pinDirectory: common.pinDirectory))
        } else {
            print(wasThere ? "detached" : "nothing was attached at \(common.pinDirectory)")
        }
    }

    private struct Result: Encodable {
        var schema: Int
        var result: String
        var pinDirectory: String
    }
}
