// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

/// What becomes of packets when the path changes. Before each change a packet of 1500 bytes takes 1 ms, and 10 more.
@Suite struct StageChangeTests {
    /// Three packets at 0, a change at 1.5 ms, when the first has left and the second is half out: when they are due.
    private func due(after next: LinkConfiguration) -> [Int64] {
        var link = Link(stages: [line(), next], seed: 1, stream: 1)
        for _ in 0..<3 {
            link.put(bytes: 1500, at: 0)
        }
        link.enter(stage: 1, at: 1_500_000)
        return link.drain()
    }

    @Test("the rest of the queue leaves at the new rate, what is on the line is left alone")
    func rate() {
        #expect(due(after: line()) == [11_000_000, 12_000_000, 13_000_000])
        #expect(due(after: line(megabits: 24)) == [11_000_000, 11_750_000, 12_250_000])
        #expect(due(after: line(megabits: 6)) == [11_000_000, 12_500_000, 14_500_000])
    }

    @Test("a line that loses its limit is left at once")
    func unlimited() {
        #expect(due(after: line(megabits: 0)) == [11_000_000, 11_500_000, 11_500_000])
    }

    @Test("a line that gets a limit begins with an empty queue")
    func limited() {
        var link = Link(stages: [line(megabits: 0), line()], seed: 1, stream: 1)
        link.put(bytes: 1500, at: 0)
        link.enter(stage: 1, at: 500_000)
        link.put(bytes: 1500, at: 600_000)
        let times = link.drain()
        #expect(times == [10_000_000, 11_600_000])
    }

    @Test("a longer delay is taken by what has not left the queue")
    func longerDelay() {
        #expect(due(after: line(delay: 40_000_000)) == [11_000_000, 42_000_000, 43_000_000])
    }

    @Test("a shorter delay lets nothing overtake")
    func shorterDelay() {
        #expect(due(after: line(delay: 9_500_000)) == [11_000_000, 11_500_000, 12_500_000])
        #expect(due(after: line(delay: 2_000_000)) == [11_000_000, 11_000_000, 11_000_000])
        var link = Link(stages: [line(), line(delay: 2_000_000)], seed: 1, stream: 1)
        link.put(bytes: 1500, at: 0)
        link.enter(stage: 1, at: 5_000_000)
        link.put(bytes: 1500, at: 6_000_000)
        link.put(bytes: 1500, at: 20_000_000)
        let times = link.drain()
        #expect(times == [11_000_000, 11_000_000, 23_000_000])
    }

    @Test("a queue that shrinks keeps what is in it and drops what comes")
    func smallerQueue() {
        var link = Link(stages: [line(queue: 4500), line(queue: 1500)], seed: 1, stream: 1)
        for _ in 0..<4 {
            link.put(bytes: 1500, at: 0)
        }
        link.enter(stage: 1, at: 500_000)
        link.put(bytes: 1500, at: 500_000)
        link.put(bytes: 1500, at: 2_999_999)
        link.put(bytes: 1500, at: 3_000_000)
        let times = link.drain()
        #expect(times == [11_000_000, 12_000_000, 13_000_000, 14_000_000])
        let report = link.takeReport(deviceDrops: 0)
        #expect(report.queueDrops == 3)
        #expect(report.maxBacklogBytes == 4500)
    }

    @Test("jitter of what waits follows the new stage, from the number that was drawn")
    func jitter() {
        var plain = Link(stages: [line(), line(jitter: 4_000_000)], seed: 2, stream: 1)
        var jittery = Link(stages: [line(jitter: 8_000_000), line(jitter: 4_000_000)], seed: 2, stream: 1)
        plain.put(bytes: 1500, at: 0)
        jittery.put(bytes: 1500, at: 0)
        plain.enter(stage: 1, at: 500_000)
        jittery.enter(stage: 1, at: 500_000)
        let due = plain.drain()
        let other = jittery.drain()
        #expect(due == other)
        #expect((11_000_001...15_000_000).contains(due[0]))
    }

    @Test("a change that is told of late counts from the last packet that came")
    func late() {
        var link = Link(stages: [line(), line(megabits: 6)], seed: 1, stream: 1)
        link.put(bytes: 1500, at: 0)
        link.put(bytes: 1500, at: 5_000_000)
        link.enter(stage: 1, at: 500_000)
        let times = link.drain()
        #expect(times == [11_000_000, 17_000_000])
    }

    /// The oracle integrates the rate over each packet's time by itself, in doubles.
    @Test("any sequence of arrivals and changes leaves as the integral of the rate says, in order", arguments: 1...8)
    func oracle(seed: UInt64) {
        var numbers = RandomSequence(seed: seed, stream: 99)
        func draw(_ limit: Int64) -> Int64 { Int64(numbers.next() % UInt64(limit)) }
        // delays all alike, so that what is due tells when it left
        let stages = (0..<6).map { _ in
            LinkConfiguration(
                bitsPerSecond: 1_000_003 + draw(90_000_000), delayNanoseconds: 1_000_000,
                queueBytes: 20_000 + draw(40_000))
        }
        var link = Link(stages: stages, seed: 1, stream: 1)
        var changes: [(moment: Int64, stage: Int)] = [(0, 0)]
        var packets: [(arrived: Int64, bytes: Int)] = []
        var due: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<3000 {
            now += draw(200_000)
            while let first = link.firstDue, first <= now {
                due.append(first)
                link.putOut(at: first, accepted: true)
            }
            if draw(20) == 0 {
                changes.append((now, Int(draw(6))))
                link.enter(stage: changes[changes.count - 1].stage, at: now)
            } else {
                let bytes = 40 + Int(draw(1461))
                let drops = link.dropsOnPut(bytes: bytes, at: now)
                if !drops { packets.append((now, bytes)) }
            }
        }
        due += link.drain()
        #expect(due.count == packets.count && due.count > 500)
        #expect(changes.count > 50)

        var left = 0.0
        var stage = 0
        for (packet, due) in zip(packets, due) {
            left = max(left, Double(packet.arrived))
            var bits = Double(packet.bytes) * 8
            while bits > 1e-6 {
                let end = stage + 1 < changes.count ? Double(changes[stage + 1].moment) : .infinity
                if end <= left {
                    stage += 1
                    continue
                }
                let rate = Double(stages[changes[stage].stage].bitsPerSecond) / 1e9
                let sent = min(bits, (end - left) * rate)
                left += sent / rate
                bits -= sent
            }
            // one nanosecond of rounding down, less than one more for each change
            #expect(abs(Double(due - 1_000_000) - left) < 2 + Double(changes.count))
        }
    }
}

extension Link {
    /// Whether a packet that arrives meets a full queue.
    fileprivate mutating func dropsOnPut(bytes: Int, at now: Int64) -> Bool {
        let before = takeReport(deviceDrops: 0).queueDrops
        precondition(before == 0)
        put(bytes: bytes, at: now)
        return takeReport(deviceDrops: 0).queueDrops == 1
    }
}
