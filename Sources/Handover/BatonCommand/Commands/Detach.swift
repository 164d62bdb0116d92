// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

struct Detach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Detach the handover and remove everything that belongs to it, records included.",
        discussion: """
            TCP connections continue. Those in the middle of Careful Resume continue under their own congestion \
            control, without the rest of the jump. Also removes what an interrupted 'attach' left behind. If nothing \
            is attached, nothing happens, and the exit status is 0.
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        let wasThere = try Handover.detach(pinDirectory: common.pinDirectory)
        if common.json {
            try printJSON(
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
