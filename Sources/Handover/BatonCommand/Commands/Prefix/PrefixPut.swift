// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine
import BatonShared

struct PrefixPut: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Lay down a rule for a network, in the place of the one it has.",
        discussion: "Connections that were resumed already go on as they are.")

    @Argument(
        help: "A network, as 192.0.2.0/24 or 2001:db8::/32, or an address. Bits beyond the length are cut off.",
        transform: Read.network)
    var prefix: NetworkPrefix

    @Flag(help: "No connection of this network's clients is resumed.")
    var exclude = false

    @Option(
        parsing: .unconditional, help: "No larger window is handed over to this network's clients, bytes.",
        transform: Read.maxWindow)
    var maxWindow: UInt64?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if exclude == (maxWindow != nil) {
            throw ValidationError("give --exclude or --max-window, one of the two")
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
