// SPDX-License-Identifier: Apache-2.0

import PathEmulator
package import Scenarios

/// The measurements of a run, in their order.
package enum Schedule {
    /// Rounds one after the other; within one, the treatments of each load side by side, in an order that is drawn anew, so
    /// that neither a change of the machine's mood nor what a treatment leaves behind always meets the same one.
    package static func measurements(of scenario: Scenario, rounds: Int?, seed: UInt64) -> [Measurement] {
        var result: [Measurement] = []
        for control in scenario.congestionControls {
            for round in 1...(rounds ?? scenario.rounds) {
                var order = RandomSequence(seed: Self.seed(seed, round: round))
                for load in scenario.loads {
                    for treatment in scenario.treatments.shuffled(using: &order) {
                        result.append(
                            Measurement(
                                scenario: scenario, congestionControl: control, treatment: treatment, load: load,
                                round: round, seed: Self.seed(seed, round: round)))
                    }
                }
            }
        }
        return result
    }

    /// The path's seed in a round. Mixed: seeds that are the generator's own step apart would give each round the sequence
    /// of the one before, shifted by a packet.
    package static func seed(_ seed: UInt64, round: Int) -> UInt64 {
        var first = RandomSequence(seed: seed)
        var second = RandomSequence(seed: first.next() ^ UInt64(round))
        return second.next()
    }

    /// Another seed of the same round: QUIC's packets must not share the fate of TCP's.
    package static func samplingSeed(_ seed: UInt64) -> UInt64 { Self.seed(seed, round: 0) }
}
