// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct LinkTests {
    @Test("a packet takes its place in the queue, its time on the line, and the delay")
    func passage() {
        var link = Link(stages: [line()], seed: 1, stream: 1)
        link.put(bytes: 1500, at: 0)
        link.put(bytes: 750, at: 0)
        link.put(bytes: 1500, at: 30_000_000)
        let times = link.drain()
        #expect(times == [11_000_000, 11_500_000, 41_000_000])
        let report = link.takeReport(deviceDrops: 0)
        #expect(report.packets == 3 && report.bytes == 3750 && report.maxBacklogBytes == 2250)
    }

    @Test("queueing delay is what a packet waits until its first bit leaves")
    func queueDelay() {
        var link = Link(stages: [line(), line(megabits: 6)], seed: 1, stream: 1)
        for _ in 0..<4 {
            link.put(bytes: 1500, at: 0)  // they wait 0, 1, 2 and 3 ms
        }
        _ = link.drain()
        let report = link.takeReport(deviceDrops: 0)
        #expect(report.averageQueueDelayNanoseconds == 1_500_000)
        #expect(report.maxQueueDelayNanoseconds == 3_000_000)

        // the rate halves when the second is half out: it takes 1.5 ms, so the third waits 2.5 ms and the fourth 4.5
        for _ in 0..<4 {
            link.put(bytes: 1500, at: 100_000_000)
        }
        link.enter(stage: 1, at: 101_500_000)
        _ = link.drain()
        let changed = link.takeReport(deviceDrops: 0)
        #expect(changed.averageQueueDelayNanoseconds == (0 + 1_000_000 + 2_500_000 + 4_500_000) / 4)
        #expect(changed.maxQueueDelayNanoseconds == 4_500_000)
        let empty = link.takeReport(deviceDrops: 0)
        #expect(empty == DirectionReport())
    }

    @Test("a packet is as late as it is put out after its time")
    func lateness() {
        var link = Link(stages: [line()], seed: 1, stream: 1)
        link.put(bytes: 1500, at: 0)
        link.put(bytes: 1500, at: 0)
        link.putOut(at: 11_000_000, accepted: true)
        link.putOut(at: 14_000_000, accepted: false)
        let report = link.takeReport(deviceDrops: 5)
        #expect(report.maxLatenessNanoseconds == 2_000_000)
        #expect(report.averageLatenessNanoseconds == 1_000_000)
        #expect(report.packetsOver1MillisecondLate == 1)
        #expect(report.packets == 1 && report.writeErrors == 1 && report.deviceDrops == 5)
    }

    @Test("the packets that were lost at random are named, whatever the queue drops", arguments: [0.02, 0.5])
    func namedDrops(probability: Double) {
        let model = LossModel.random(probability: probability)
        var link = Link(stages: [line(queue: 1500, loss: model)], seed: 3, stream: 2)
        var loss = PacketLoss(model, numbers: RandomSequence(seed: 3, stream: 2))
        let expected = (0..<4000).filter { _ in loss.losesNext() }.map(Int64.init)
        for number in 0..<4000 {
            if number % 100 == 50 {
                link.refuse()
            } else {
                link.put(bytes: 1500, at: Int64(number) * 500_000)  // half of them meet a full queue
                _ = link.drain()
            }
        }
        let report = link.takeReport(deviceDrops: 0)
        #expect(report.randomDropIndexes == Array(expected.filter { $0 % 100 != 50 }.prefix(1000)))
        #expect(report.randomDrops == expected.count { $0 % 100 != 50 })
        #expect(report.ringDrops == 40 && report.queueDrops > 0)
        // they stay named until the path begins again
        let next = link.takeReport(deviceDrops: 0)
        #expect(next.randomDropIndexes == report.randomDropIndexes)
        #expect(next.randomDrops == 0)
    }

    @Test("a link that begins again is like a new one")
    func begin() {
        let stages = [
            line(loss: .burst(toBad: 0.1, toGood: 0.3, lossInGood: 0.01, lossInBad: 0.9), jitter: 3_000_000),
            line(megabits: 1, loss: .random(probability: 0.5)),
        ]
        func run(_ link: inout Link, at start: Int64) -> ([Int64], DirectionReport) {
            var times: [Int64] = []
            for number in 0..<500 {
                link.put(bytes: 1500, at: start + Int64(number) * 1_100_000)
                times += link.drain().map { $0 - start }
            }
            return (times, link.takeReport(deviceDrops: 0))
        }
        var new = Link(stages: stages, seed: 8, stream: 1)
        let expected = run(&new, at: 0)

        var used = Link(stages: stages, seed: 1, stream: 1)
        _ = run(&used, at: 0)
        used.enter(stage: 1, at: 800_000_000)
        for _ in 0..<50 {
            used.put(bytes: 1500, at: 800_000_000)
        }
        used.begin(seed: 8)
        let (due, empty) = (used.firstDue, used.takeReport(deviceDrops: 0))
        #expect(due == nil)
        #expect(empty == DirectionReport())
        let again = run(&used, at: 801_000_000)
        #expect(again.0 == expected.0)
        #expect(again.1 == expected.1)
        used.begin(seed: 9)
        let other = run(&used, at: 3_000_000_000)
        #expect(other.0 != expected.0)
    }
}
