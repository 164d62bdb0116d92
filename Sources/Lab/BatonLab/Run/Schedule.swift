// SPDX-License-Identifier: Apache-2.0

import PathEmulator
package import Scenarios

/// The measurements of a run, in their order.
package enum Schedule {
    /// Rounds one after the other. Within a round, the treatments of each load follow one another in a new random
    /// order, so that neither changes of the machine's load nor what a treatment leaves behind always affect the same
    /// treatment.
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

    /// The path's random seed in a round. It is mixed: seeds that differ by the generator's own step would give each
    /// round the sequence of the round before, shifted by one packet.
    package static func seed(_ seed: UInt64, round: Int) -> UInt64 {
        var first = RandomSequence(seed: seed)
        var second = RandomSequence(seed: first.next() ^ UInt64(round))
        return second.next()
    }

    /// Another seed of the same round: QUIC must not lose the same packets as TCP.
    package static func samplingSeed(_ seed: UInt64) -> UInt64 { Self.seed(seed, round: 0) }
}
