// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BPFShared
public import BatonShared
internal import Glibc

/// A network: `192.0.2.0/24` or `2001:db8::/32`. A single address is a network of its own.
public struct NetworkPrefix: Hashable, Sendable, LosslessStringConvertible {
    /// The prefix as IPv6. IPv4 networks are `::ffff:a.b.c.d`, and their length has 96 bits more.
    public let prefix: Prefix<IPv6Address>

    /// - Parameter prefix: its bits beyond the prefix length are cleared.
    public init(_ prefix: Prefix<IPv6Address>) {
        var address = prefix.address
        func masked(_ word: UInt32, _ index: UInt32) -> UInt32 {
            let bits = prefix.bitCount > index * 32 ? min(prefix.bitCount - index * 32, 32) : 0
            return word & (bits == 0 ? 0 : (UInt32.max << (32 - bits))).bigEndian
        }
        address.word0 = masked(address.word0, 0)
        address.word1 = masked(address.word1, 1)
        address.word2 = masked(address.word2, 2)
        address.word3 = masked(address.word3, 3)
        self.prefix = Prefix(address, bitCount: min(prefix.bitCount, IPv6Address.bitWidth))
    }

    /// Reads `192.0.2.0/24`, `2001:db8::/32` or a single address.
    ///
    /// - Returns: `nil` if `text` is no network.
    public init?(_ text: String) {
        if let ipv4 = Prefix<IPv4Address>(text) {
            self.init(Prefix(IPv6Address(mapping: ipv4.address), bitCount: ipv4.bitCount + 96))
        } else if let ipv6 = Prefix<IPv6Address>(text) {
            self.init(ipv6)
        } else {
            return nil
        }
    }

    /// The network with its prefix length, which a single address has too: `192.0.2.7/32`.
    public var description: String {
        if prefix.bitCount >= 96, let ipv4 = prefix.address.mappedIPv4 { return "\(ipv4)/\(prefix.bitCount - 96)" }
        return "\(prefix.address)/\(prefix.bitCount)"
    }
}

extension Handover {
    /// Sets the rule of a network, replacing the one it has. For an address, the rule with the longest prefix applies.
    /// Connections that were already resumed don't change.
    ///
    /// - Throws: `system` (ENOSPC) beyond 1024 rules.
    public func setRule(_ rule: PrefixRule, for network: NetworkPrefix) throws(BPFError) {
        do throws(BPFError) { try ruleMap.update(rule, for: network.prefix) } catch {
            guard error.errno == ENOSPC else { throw error }
            throw BPFError(
                "setting the rule of \(network): there are already \(ruleMap.maxEntries) rules", call: error.call,
                errno: error.errno, remedy: "delete one with 'baton prefix forget'")
        }
    }

    /// Deletes the rule of exactly this network.
    ///
    /// - Returns: whether it had one.
    @discardableResult
    public func removeRule(for network: NetworkPrefix) throws(BPFError) -> Bool {
        try ruleMap.removeValue(for: network.prefix)
    }

    /// All rules, sorted by the text of their network.
    public func rules() throws(BPFError) -> [(prefix: NetworkPrefix, rule: PrefixRule)] {
        try ruleMap.entries().map { (prefix: NetworkPrefix($0.prefix), rule: $0.value) }
            .sorted { $0.prefix.description < $1.prefix.description }
    }
}
