// SPDX-License-Identifier: Apache-2.0

/// Packets of a direction by their numbers: how many came before them since the path began.
package struct PacketRange: Codable, Equatable, Sendable {
    /// Number of the first one; 0 is the path's first packet.
    package var first: Int64
    /// How many, at least 1.
    package var count: Int64

    package init(first: Int64, count: Int64 = 1) {
        self.first = first
        self.count = count
    }

    /// Why this is no range, naming the value; nil if it is one.
    package var objection: String? {
        if first < 0 { return "first packet \(first) is not 0 or more" }
        return count < 1 ? "count of \(count) packets is not 1 or more" : nil
    }

    /// Whether the packet of this number is one of them.
    @inline(__always)
    package func contains(_ number: Int64) -> Bool { number >= first && number - first < count }
}
