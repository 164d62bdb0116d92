// SPDX-License-Identifier: Apache-2.0

/// Which packets a direction of the path loses before its queue.
package enum LossModel: Codable, Equatable, Sendable {
    /// None.
    case none
    /// Each packet with the same probability, 0…1, independently.
    case random(probability: Double)
    /// Bursts: the two-state Markov chain of Gilbert (1960) and Elliott (1963), one step a packet, as netem's
    /// `gemodel`.
    ///
    /// `toBad` (p) and `toGood` (r) are the probabilities of leaving the good and the bad state; `lossInGood` (1 − k)
    /// and `lossInBad` (1 − h) those of losing a packet in them. The mean length of a burst is 1/r packets.
    case burst(toBad: Double, toGood: Double, lossInGood: Double, lossInBad: Double)

    /// `count` packets starting with number `first`, where 0 is the first since the path began; all others pass.
    case packets(first: Int64, count: Int64)

    /// The packets that are lost by number; nil for the other models.
    var named: PacketRange? {
        if case .packets(let first, let count) = self { PacketRange(first: first, count: count) } else { nil }
    }

    /// Random loss; `none` if the probability is 0.
    package init(probability: Double) {
        self = probability == 0 ? .none : .random(probability: probability)
    }

    /// Why this cannot be emulated, with the value; nil if it can.
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

/// Decides which packets are lost: the same ones for the same seed.
///
/// Every model except `packets` is a case of the two-state chain of `LossModel.burst`: random loss never leaves the
/// good state. One random number is drawn for each packet, whatever the model, so that a change of the model does not
/// shift the sequence. The number's lower half decides on the packet, in the chain's current state; its upper half on
/// the step to the next packet's state (the order of netem's `loss_gilb_ell`, net/sched/sch_netem.c). The chain begins
/// in the good state.
package struct PacketLoss: Sendable {
    /// The probabilities of one state, times 2³² and rounded.
    private struct State {
        let loss: UInt64
        let leaving: UInt64

        init(loss: Double, leaving: Double) {
            self.loss = UInt64((loss * 4_294_967_296).rounded())
            self.leaving = UInt64((leaving * 4_294_967_296).rounded())
        }
    }

    private var numbers: RandomSequence
    private var good: State
    private var bad: State
    private var isBad = false
    private var named: PacketRange?
    private var place: Int64 = 0

    /// - Parameters:
    ///   - model: its `objection` must be nil.
    ///   - numbers: the random sequence that decides.
    package init(_ model: LossModel, numbers: RandomSequence) {
        self.numbers = numbers
        (good, bad) = Self.states(of: model)
        named = model.named
    }

    /// Uses another model for the packets to come. If both are chains, the chain keeps its state.
    package mutating func become(_ model: LossModel) {
        (good, bad) = Self.states(of: model)
        named = model.named
        if good.leaving == 0 {
            isBad = false
        }
    }

    /// Whether the next packet is lost.
    @inline(__always)
    package mutating func losesNext() -> Bool {
        let number = numbers.next()
        defer { place += 1 }
        if let named { return named.contains(place) }
        let state = isBad ? bad : good
        if number >> 32 < state.leaving {
            isBad.toggle()
        }
        return number & 0xFFFF_FFFF < state.loss
    }

    private static func states(of model: LossModel) -> (good: State, bad: State) {
        switch model {
        case .none, .packets:
            (State(loss: 0, leaving: 0), State(loss: 0, leaving: 0))
        case .random(let probability):
            (State(loss: probability, leaving: 0), State(loss: 0, leaving: 0))
        case .burst(let toBad, let toGood, let lossInGood, let lossInBad):
            (State(loss: lossInGood, leaving: toBad), State(loss: lossInBad, leaving: toGood))
        }
    }
}
