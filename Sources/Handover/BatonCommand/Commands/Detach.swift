// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

struct Detach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the handover and remove all that belongs to it.",
        discussion: "Also removes what an 'attach' left that was ended half-way. Nothing happens if nothing is there.")

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
