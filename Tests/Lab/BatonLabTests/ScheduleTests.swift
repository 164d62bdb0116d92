// SPDX-License-Identifier: Apache-2.0

import BatonLab
import PathEmulator
import Scenarios
import Testing

@Suite struct ScheduleTests {
    private let scenario: Scenario

    init() throws {
        let text = """
            title: A test
            about: Nothing.
            path: {rtt: 20ms, down: {rate: 20Mbit, loss: 1%}}
            load: [100kB, 1MB]
            treatments: [stock, exact, bound]
            congestion-control: [cubic, reno]
            rounds: 4
            """
        scenario = try Scenario(name: "test", parsing: text)
    }

    @Test("each treatment is measured once a round, load and control, the treatments of a load side by side")
    func complete() {
        let all = Schedule.measurements(of: scenario, rounds: nil, seed: 1)
        #expect(all.count == 2 * 4 * 2 * 3)
        for start in stride(from: 0, to: all.count, by: 3) {
            let group = all[start..<(start + 3)]
            #expect(Set(group.map(\.treatment)) == [.stock, .exact, .bound])
            #expect(Set(group.map(\.load)).count == 1 && Set(group.map(\.round)).count == 1)
            #expect(Set(group.map(\.congestionControl)).count == 1 && Set(group.map(\.seed)).count == 1)
        }
        #expect(Schedule.measurements(of: scenario, rounds: 2, seed: 1).count == 24)
    }

    @Test("the order is drawn again in each round, and is the same for the same seed")
    func order() {
        func orders(_ seed: UInt64) -> [[Treatment]] {
            let all = Schedule.measurements(of: scenario, rounds: 20, seed: seed).map(\.treatment)
            return stride(from: 0, to: all.count, by: 3).map { Array(all[$0..<($0 + 3)]) }
        }
        #expect(orders(1) == orders(1))
        #expect(orders(1) != orders(2))
        #expect(Set(orders(1)).count == 6)
    }

    @Test("no round loses what another lost, nor the same shifted by some packets, nor what QUIC lost")
    func losses() {
        func losses(_ seed: UInt64) -> [Int] {
            var loss = PacketLoss(.random(probability: 0.01), numbers: RandomSequence(seed: seed, stream: 1))
            return (0..<20_000).filter { _ in loss.losesNext() }
        }
        let rounds = (1...6).map { losses(Schedule.seed(1, round: $0)) }
        let all = rounds + [losses(Schedule.samplingSeed(Schedule.seed(1, round: 1)))]
        for (number, first) in all.enumerated() {
            #expect((120...280).contains(first.count))
            let packets = Set(first)
            for second in all[(number + 1)...] {
                for shift in -30...30 {
                    // by chance one in a hundred is
                    #expect(second.count { packets.contains($0 + shift) } < 20)
                }
            }
        }
    }
}
