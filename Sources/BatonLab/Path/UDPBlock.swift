// SPDX-License-Identifier: Apache-2.0

/// A black hole for UDP on an otherwise healthy path.
enum UDPBlock {
    /// Drops what arrives. Dropping what leaves would tell the sender (EPERM), which a real outage does not.
    private static let rules = """
        table inet baton_lab {
            chain arriving {
                type filter hook input priority filter;
                meta l4proto udp counter drop
            }
        }

        """

    /// Lets no more UDP arrive at either end; the namespaces take the rules with them.
    static func begin(_ laboratory: Laboratory) throws {
        for end in [laboratory.server, laboratory.client] {
            try laboratory.command.run(["nft", "-f", "-"], in: end.namespace, input: rules)
        }
    }
}
