// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct RandomLossTests {
    private func sequence(_ probability: Double, seed: UInt64, stream: UInt64 = 1, count: Int = 10_000) -> [Bool] {
        var loss = RandomLoss(probability: probability, seed: seed, stream: stream)
        return (0..<count).map { _ in loss.losesNext() }
    }

    @Test("the same seed loses the same packets")
    func repeatable() {
        #expect(sequence(0.1, seed: 7) == sequence(0.1, seed: 7))
        #expect(sequence(0.1, seed: 7) != sequence(0.1, seed: 8))
        #expect(sequence(0.1, seed: 7) != sequence(0.1, seed: 7, stream: 2))
    }

    @Test("as many as asked for are lost", arguments: [0.001, 0.01, 0.1, 0.5, 0.9])
    func frequency(probability: Double) {
        let count = 1_000_000
        let lost = Double(sequence(probability, seed: 42, count: count).count { $0 })
        let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
        #expect(abs(lost - Double(count) * probability) < 4 * deviation)
    }

    @Test("0 loses nothing and 1 everything")
    func bounds() {
        #expect(!sequence(0, seed: 1).contains(true))
        #expect(!sequence(1, seed: 1).contains(false))
    }
}
