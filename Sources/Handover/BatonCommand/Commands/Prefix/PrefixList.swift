// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine

struct PrefixList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the rules of all networks.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let rules = try Handover(pinDirectory: common.pinDirectory).rules()
        if common.json {
            try printJSON(rules.map { RuleJSON($0.prefix, $0.rule) })
        } else if rules.isEmpty {
            printError("there are no rules")
        } else {
            printTable([["NETWORK", "RULE"]] + rules.map { [$0.prefix.description, $0.rule.words] })
        }
    }
}
