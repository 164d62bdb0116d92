// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct BottleneckTests {
    @Test("a packet of 1500 bytes takes 240 µs at 50 Mbit/s")
    func serialisation() {
        var bottleneck = Bottleneck(bitsPerSecond: 50_000_000, queueBytes: 625_000)
        #expect(bottleneck.admit(bytes: 1500, at: 1000) == 241_000)
        #expect(bottleneck.admit(bytes: 1500, at: 1000) == 481_000)
        #expect(bottleneck.admit(bytes: 1500, at: 10_000_000) == 10_240_000)
    }

    @Test(
        "a million packets take exactly a million times one",
        arguments: [33_333_333, 50_000_000, 7_777_777, 999_999_937])
    func noDrift(bitsPerSecond: Int64) {
        var bottleneck = Bottleneck(bitsPerSecond: bitsPerSecond, queueBytes: 10_000)
        var now: Int64 = 5
        for _ in 0..<1_000_000 {
            // the queue never runs empty, so the line never rests
            now = bottleneck.admit(bytes: 1447, at: now) ?? .max
        }
        let exact = Int128(1_000_000) * 1447 * 8_000_000_000 / Int128(bitsPerSecond)
        #expect(Int128(now - 5) == exact)
    }

    @Test("drop-tail is exact at the boundary")
    func dropTail() {
        var bottleneck = Bottleneck(bitsPerSecond: 8_000_000, queueBytes: 3000)  // 1 µs a byte
        #expect(bottleneck.admit(bytes: 1500, at: 0) == 1_500_000)
        #expect(bottleneck.admit(bytes: 1500, at: 0) == 3_000_000)
        #expect(bottleneck.admit(bytes: 1, at: 0) == nil)
        #expect(bottleneck.admit(bytes: 1500, at: 1_499_999) == nil)
        #expect(bottleneck.admit(bytes: 1500, at: 1_500_000) == 4_500_000)
        #expect(bottleneck.admit(bytes: 1, at: 1_500_999) == nil)
        #expect(bottleneck.admit(bytes: 1, at: 1_501_000) == 4_501_000)
        #expect(bottleneck.takeWorstBacklogBytes() == 3000)
        #expect(bottleneck.takeWorstBacklogBytes() == 0)
    }

    @Test("a packet larger than the queue never passes")
    func largerThanQueue() {
        var bottleneck = Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 1499)
        #expect(bottleneck.admit(bytes: 1500, at: 0) == nil)
        #expect(bottleneck.admit(bytes: 1499, at: 0) != nil)
    }

    @Test("rate 0 is no limit and no queue")
    func unlimited() {
        var bottleneck = Bottleneck(bitsPerSecond: 0, queueBytes: 0)
        for moment: Int64 in [0, 0, 7] {
            #expect(bottleneck.admit(bytes: 65_535, at: moment) == moment)
        }
        #expect(bottleneck.takeWorstBacklogBytes() == 0)
    }

    @Test("the slowest line with the longest queue does not overflow")
    func extremes() {
        var slow = Bottleneck(bitsPerSecond: 1, queueBytes: 1 << 30)
        var last: Int64 = 0
        for _ in 0..<1000 {
            last = slow.admit(bytes: 65_535, at: 0) ?? .max
        }
        #expect(last == 1000 * 65_535 * 8_000_000_000)
        var fast = Bottleneck(bitsPerSecond: 100_000_000_000, queueBytes: 1 << 30)
        #expect(fast.admit(bytes: 1500, at: 0) == 120)
    }

    @Test("a change keeps the bits that are still to be sent, whatever the two rates")
    func change() {
        var bottleneck = Bottleneck(bitsPerSecond: 33_333_333, queueBytes: 10_000)
        for _ in 0..<3 {
            #expect(bottleneck.admit(bytes: 1500, at: 0) != nil)
        }
        // 1500 bytes take 360 µs: the first has gone, the second is being sent, the third waits
        let moment: Int64 = 400_000
        let first = bottleneck.change(
            toBitsPerSecond: 7_777_777, queueBytes: 1500, at: moment, bytesBehind: 1500)
        let bitsLeft = 36_000.0 - 33_333_333.0 * 400_000 / 1e9 - 12_000
        #expect(abs(Double(first - moment) - bitsLeft / 7_777_777 * 1e9) < 2)
        let second = bottleneck.readmit(bytes: 1500)
        #expect(abs(second - first - 12_000 * 1_000_000_000 / 7_777_777) <= 1)
        #expect(bottleneck.admit(bytes: 40, at: moment) == nil)
        #expect(bottleneck.takeWorstBacklogBytes() == 4500)
    }
}
