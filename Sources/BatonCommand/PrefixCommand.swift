// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonShared

struct PrefixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prefix",
        abstract: "Leave the clients of a network alone, or limit their windows.",
        discussion: """
            Of several networks that hold a client's address the one with the longest prefix counts. An IPv4 network is \
            held by ::ffff:0:0/96, and so by ::/0. Rules are kept when another 'attach' replaces this one; 'detach' drops \
            them.
            """,
        subcommands: [PrefixPut.self, PrefixList.self, PrefixForget.self])
}

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
        try HandOver(pinDirectory: common.pinDirectory).setRule(rule, for: prefix)
        if common.json {
            printJSON(RuleJSON(prefix, rule))
        } else {
            print("\(prefix): \(rule.words)")
        }
    }
}

struct PrefixList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show all rules.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let rules = try HandOver(pinDirectory: common.pinDirectory).rules()
        if common.json {
            printJSON(rules.map { RuleJSON($0.prefix, $0.rule) })
        } else if rules.isEmpty {
            printError("there are no rules")
        } else {
            printTable([["NETWORK", "RULE"]] + rules.map { [$0.prefix.description, $0.rule.words] })
        }
    }
}

struct PrefixForget: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Take a network's rule back.",
        discussion: "Exactly this network's: rules of larger and smaller ones stay.")

    @Argument(help: "The network, as 'baton prefix list' shows it.", transform: Read.network)
    var prefix: NetworkPrefix

    @OptionGroup var common: CommonOptions

    func run() throws {
        guard try HandOver(pinDirectory: common.pinDirectory).removeRule(for: prefix) else {
            throw NoRule(prefix: prefix)
        }
        if common.json {
            printJSON(Result(schema: schemaVersion, forgotten: 1))
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
struct NoRule: Error, CustomStringConvertible {
    let prefix: NetworkPrefix
    var description: String { "there is no rule for \(prefix); 'baton prefix list' shows all" }
}

private struct RuleJSON: Encodable {
    var schema = schemaVersion
    var prefix: String
    var excluded: Bool
    /// `null`: nothing is handed over.
    var maxWindowBytes: Nullable<UInt64>

    init(_ prefix: NetworkPrefix, _ rule: PrefixRule) {
        self.prefix = prefix.description
        excluded = rule.isExcluded
        maxWindowBytes = Nullable(rule.isExcluded ? nil : rule.maxWindowBytes)
    }
}

extension PrefixRule {
    fileprivate var words: String { isExcluded ? "excluded" : "max window \(ByteCount.text(maxWindowBytes))" }
}
