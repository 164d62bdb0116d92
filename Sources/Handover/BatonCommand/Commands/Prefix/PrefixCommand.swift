// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine
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

/// A rule as JSON.
struct RuleJSON: Encodable {
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
    /// For people.
    var words: String { isExcluded ? "excluded" : "max window \(ByteCount.text(maxWindowBytes))" }
}
