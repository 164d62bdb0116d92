// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// UDP that fails on an otherwise healthy path, until the outage ends.
struct UDPOutage {
    /// A table of its own, so that ending the outage touches no other rules. It disappears with the namespaces.
    private static let table = "baton_lab_udp"

    private let testbed: Testbed

    /// Begins it at both ends.
    ///
    /// - Throws: `LabError` with nft's message.
    static func begin(_ kind: Scenario.UDPOutage, in testbed: Testbed) throws -> UDPOutage {
        for end in [testbed.server, testbed.client] {
            try testbed.command.run(["nft", "-f", "-"], in: end.namespace, input: rules(kind))
        }
        return UDPOutage(testbed: testbed)
    }

    /// Ends it: UDP passes again.
    func end() throws {
        for end in [testbed.server, testbed.client] {
            try testbed.command.run(["nft", "delete", "table", "inet", Self.table], in: end.namespace)
        }
    }

    /// The rules act on packets that arrive. A packet dropped on its way out would give the sender an error (EPERM),
    /// which a real outage does not.
    private static func rules(_ kind: Scenario.UDPOutage) -> String {
        """
        table inet \(table) {
            chain arriving {
                type filter hook input priority filter;
                meta l4proto udp \(verdict(kind))
            }
        }

        """
    }

    private static func verdict(_ kind: Scenario.UDPOutage) -> String {
        switch kind {
        case .drop: return "counter drop"
        case .reject: return "counter reject with icmpx type port-unreachable"
        case .throttle(let rate):
            // The kernel's token bucket holds the burst plus one second of the rate, and is full at first
            // (nft_limit_init in net/netfilter/nft_limit.c): that much passes at once.
            let bytesPerSecond = max(1, rate.bitsPerSecond / 8)
            return "limit rate over \(bytesPerSecond) bytes/second burst \(burstBytes) bytes counter drop"
        }
    }

    /// Two packets of the path's MTU.
    private static let burstBytes = 3000
}
