// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import BatonCommandLine
import BatonShared

struct PrefixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prefix",
        abstract: "Exclude the clients of a network, or limit their windows.",
        discussion: """
            If several networks contain a client's address, the rule with the longest prefix applies. IPv4 addresses \
            count as ::ffff:a.b.c.d, so rules for ::ffff:0:0/96 and ::/0 include all of IPv4. There can be up to 1024 \
            rules. A replacing 'attach' keeps them; 'detach' deletes them.
            """,
        subcommands: [PrefixPut.self, PrefixList.self, PrefixForget.self])
}

/// A rule as JSON.
struct RuleJSON: Encodable {
    var schema = schemaVersion
    var prefix: String
    var excluded: Bool
    /// `null`: the network is excluded.
    var maxWindowBytes: Nullable<UInt64>

    init(_ prefix: NetworkPrefix, _ rule: PrefixRule) {
        self.prefix = prefix.description
        excluded = rule.isExcluded
        maxWindowBytes = Nullable(rule.isExcluded ? nil : rule.maxWindowBytes)
    }
}

extension PrefixRule {
    /// The rule in words, for people.
    var words: String { isExcluded ? "excluded" : "max window \(ByteCount.text(maxWindowBytes))" }
}
