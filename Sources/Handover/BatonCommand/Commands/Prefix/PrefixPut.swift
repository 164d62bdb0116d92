// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine
import BatonShared

struct PrefixPut: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Set the rule of a network, replacing the one it has.",
        discussion: "The rule applies to new connections; those that were already resumed don't change.")

    @Argument(
        help: """
            A network such as 192.0.2.0/24 or 2001:db8::/32, or a single address. Bits beyond the prefix length are \
            cleared.
            """,
        transform: Read.network)
    var prefix: NetworkPrefix

    @Flag(help: "Resume no connection of this network's clients.")
    var exclude = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest window that this network's clients are given, 1B to 1GiB; a bare number is in bytes. The "
                + "--max-window of 'attach' applies too.",
            valueName: "size"),
        transform: Read.maxWindow)
    var maxWindow: UInt64?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if exclude == (maxWindow != nil) {
            throw ValidationError("give either --exclude or --max-window")
        }
    }

    func run() throws {
        let rule = PrefixRule(maxWindowBytes: maxWindow ?? 0)
        try Handover(pinDirectory: common.pinDirectory).setRule(rule, for: prefix)
        if common.json {
            try printJSON(RuleJSON(prefix, rule))
        } else {
            print("\(prefix): \(rule.words)")
        }
    }
}
