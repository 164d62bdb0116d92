// SPDX-License-Identifier: Apache-2.0

/// Which packets a direction of the path loses, its queue apart.
package enum LossModel: Codable, Equatable, Sendable {
    /// None.
    case none
    /// Each packet with the same probability, 0…1, independent of the others.
    case random(probability: Double)
    /// Bursts: the two-state Markov chain of Gilbert (1960) and Elliott (1963), one step a packet, as netem's `gemodel`.
    ///
    /// `toBad` (p) and `toGood` (r) are the probabilities of leaving the good and the bad state; `lossInGood` (1 − k) and
    /// `lossInBad` (1 − h) those of losing a packet in them. The mean length of a burst is 1/r packets.
    case burst(toBad: Double, toGood: Double, lossInGood: Double, lossInBad: Double)

    /// `count` packets from number `first` on, 0 being the first since the path began; all others pass.
    case packets(first: Int64, count: Int64)

    /// The packets that are lost by their numbers; nil where others are.
    var named: PacketRange? {
        if case .packets(let first, let count) = self { PacketRange(first: first, count: count) } else { nil }
    }

    /// Random loss; none where the probability is 0.
    package init(probability: Double) {
        self = probability == 0 ? .none : .random(probability: probability)
    }

    /// Why this cannot be emulated, naming the value; nil if it can.
    package var objection: String? {
        if let named { return named.objection }
        let named: [(String, Double)] =
            switch self {
            case .none, .packets: []
            case .random(let probability): [("loss", probability)]
            case .burst(let toBad, let toGood, let lossInGood, let lossInBad):
                [
                    ("to-bad", toBad), ("to-good", toGood), ("loss-in-good", lossInGood), ("loss-in-bad", lossInBad),
                ]
            }
        return named.first { !(0...1).contains($0.1) }.map { "\($0.0) \($0.1) is not within 0…1" }
    }
}
