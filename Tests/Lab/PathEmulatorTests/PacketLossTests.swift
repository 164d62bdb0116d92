// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct PacketLossTests {
    private func sequence(_ model: LossModel, seed: UInt64, stream: UInt64 = 1, count: Int = 10_000) -> [Bool] {
        var loss = PacketLoss(model, numbers: RandomSequence(seed: seed, stream: stream))
        return (0..<count).map { _ in loss.losesNext() }
    }

    private let bursts = LossModel.burst(toBad: 0.01, toGood: 0.2, lossInGood: 0.001, lossInBad: 0.6)

    @Test("the same seed loses the same packets", arguments: [0, 1])
    func repeatable(model: Int) {
        let model = [.random(probability: 0.1), bursts][model]
        #expect(sequence(model, seed: 7) == sequence(model, seed: 7))
        #expect(sequence(model, seed: 7) != sequence(model, seed: 8))
        #expect(sequence(model, seed: 7) != sequence(model, seed: 7, stream: 2))
    }

    @Test("as many as asked for are lost", arguments: [0.001, 0.01, 0.1, 0.5, 0.9])
    func frequency(probability: Double) {
        let count = 1_000_000
        let lost = Double(sequence(.random(probability: probability), seed: 42, count: count).count { $0 })
        let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
        #expect(abs(lost - Double(count) * probability) < 4 * deviation)
    }

    @Test("none and 0 lose nothing, 1 everything")
    func bounds() {
        #expect(!sequence(.none, seed: 1).contains(true))
        #expect(!sequence(.random(probability: 0), seed: 1).contains(true))
        #expect(!sequence(.random(probability: 1), seed: 1).contains(false))
        #expect(!sequence(.burst(toBad: 1, toGood: 1, lossInGood: 0, lossInBad: 0), seed: 1).contains(true))
    }

    @Test("packets are lost by their numbers, counted through all changes, and the sequence goes on beneath")
    func named() {
        #expect(
            sequence(.packets(first: 3, count: 2), seed: 1, count: 8).map { $0 ? 1 : 0 } == [0, 0, 0, 1, 1, 0, 0, 0])
        var loss = PacketLoss(.packets(first: 2, count: 1), numbers: RandomSequence(seed: 7, stream: 1))
        var lost = (0..<4).map { _ in loss.losesNext() }
        loss.become(.packets(first: 5, count: 9))
        lost += (4..<8).map { _ in loss.losesNext() }
        #expect(lost.map { $0 ? 1 : 0 } == [0, 0, 1, 0, 0, 1, 1, 1])
        loss.become(.random(probability: 0.5))
        let expected = Array(sequence(.random(probability: 0.5), seed: 7, count: 108).suffix(100))
        #expect((0..<100).map { _ in loss.losesNext() } == expected)
        #expect(LossModel.packets(first: -1, count: 1).objection?.contains("first packet -1") == true)
        #expect(LossModel.packets(first: 0, count: 0).objection?.contains("count of 0") == true)
    }

    /// In the long run the share of the bad state is p / (p + r). States are correlated: packets k apart by (1 − p − r)ᵏ.
    @Test("bursts lose what Gilbert and Elliott's formula says, within 4 standard deviations")
    func burstFrequency() {
        let (toBad, toGood, lossInGood, lossInBad) = (0.01, 0.2, 0.001, 0.6)
        let count = 2_000_000.0
        let bad = toBad / (toBad + toGood)
        let expected = (1 - bad) * lossInGood + bad * lossInBad
        let memory = 1 - toBad - toGood
        let covariance = (lossInBad - lossInGood) * (lossInBad - lossInGood) * bad * (1 - bad) * memory / (1 - memory)
        let deviation = (count * (expected * (1 - expected) + 2 * covariance)).squareRoot()
        let lost = Double(sequence(bursts, seed: 11, count: Int(count)).count { $0 })
        #expect(abs(lost - count * expected) < 4 * deviation)
        // the tolerance means something: below 4 % of what is expected
        #expect(4 * deviation < 0.04 * count * expected)
    }

    @Test("a burst is 1/r packets long on average, within 4 standard deviations", arguments: [0.1, 0.25, 0.8])
    func burstLength(toGood: Double) {
        let model = LossModel.burst(toBad: 0.02, toGood: toGood, lossInGood: 0, lossInBad: 1)
        let lost = sequence(model, seed: 5, count: 1_000_000)
        let bursts = Double(zip([false] + lost, lost).count { !$0 && $1 })
        let mean = Double(lost.count { $0 }) / bursts
        // two bursts with no packet between them cannot be, since the good state loses nothing
        let deviation = (1 - toGood).squareRoot() / toGood / bursts.squareRoot()
        #expect(abs(mean - 1 / toGood) < 4 * deviation)
        #expect(bursts > 10_000)
    }

    @Test("the chain begins in the good state and stays where it is when its probabilities change")
    func change() {
        var loss = PacketLoss(
            .burst(toBad: 1, toGood: 0, lossInGood: 0, lossInBad: 1), numbers: RandomSequence(seed: 1, stream: 1))
        var lost = [loss.losesNext(), loss.losesNext()]
        loss.become(.burst(toBad: 0.5, toGood: 0, lossInGood: 0, lossInBad: 1))
        lost.append(loss.losesNext())
        loss.become(.none)
        lost.append(loss.losesNext())
        loss.become(.burst(toBad: 1, toGood: 0, lossInGood: 0, lossInBad: 1))
        lost.append(loss.losesNext())
        #expect(lost == [false, true, true, false, false])
    }

    @Test("a change loses no number of the sequence")
    func sequenceGoesOn() {
        let unchanged = sequence(.random(probability: 0.3), seed: 9, count: 1000)
        var loss = PacketLoss(.none, numbers: RandomSequence(seed: 9, stream: 1))
        let before = (0..<400).map { _ in loss.losesNext() }
        loss.become(.random(probability: 0.3))
        let after = (400..<1000).map { _ in loss.losesNext() }
        #expect(!before.contains(true))
        #expect(after == Array(unchanged[400...]))
    }
}
