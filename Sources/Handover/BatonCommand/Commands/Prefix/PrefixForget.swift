// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

struct PrefixForget: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Delete the rule of a network.",
        discussion: """
            Only the rule of exactly this network is deleted; rules of larger and smaller networks stay. Exit status 1 \
            if it has none.
            """)

    @Argument(help: "The network, as 'baton prefix list' shows it.", transform: Read.network)
    var prefix: NetworkPrefix

    @OptionGroup var common: CommonOptions

    func run() throws {
        guard try Handover(pinDirectory: common.pinDirectory).removeRule(for: prefix) else {
            throw NoRule(prefix: prefix)
        }
        if common.json {
            try printJSON(Result(schema: schemaVersion, forgotten: 1))
        } else {
            print("forgot 1")
        }
    }

    private struct Result: Encodable {
        var schema: Int
        var forgotten: Int
    }
}

/// The network has no rule of its own.
struct NoRule: CommandError {
    let prefix: NetworkPrefix
    var description: String { "there is no rule for \(prefix); 'baton prefix list' shows all" }
    var failureKind: FailureKind { FailureKind("no_rule", status: 1) }
}
