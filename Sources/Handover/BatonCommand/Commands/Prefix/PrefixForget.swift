// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

struct PrefixForget: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Take a network's rule back.",
        discussion: "Exactly this network's: rules of larger and smaller ones stay.")

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

/// The network that was asked for has no rule of its own.
struct NoRule: CommandError {
    let prefix: NetworkPrefix
    var description: String { "there is no rule for \(prefix); 'baton prefix list' shows all" }
    var failureKind: FailureKind { FailureKind("no_rule", status: 1) }
}
