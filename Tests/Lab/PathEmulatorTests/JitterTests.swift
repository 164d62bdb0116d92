// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct JitterTests {
    @Test("it reaches from 0 to the longest, both included", arguments: [0, 1, 1000, 5_000_000, 10_000_000_000])
    func bounds(longest: Int64) {
        #expect(Jitter.nanoseconds(at: 0, longest: longest) == 0)
        let top = Jitter.nanoseconds(at: .max, longest: longest)
        // a place has 32 bits, so of 10 s the last few nanoseconds are never drawn
        #expect(top <= longest && top >= longest - longest >> 32)
    }

    @Test("it is uniform: mean and mean of squares within 4 standard deviations")
    func uniform() {
        var jitter = Jitter(numbers: RandomSequence(seed: 3, stream: 5))
        let count = 1_000_000.0
        var (sum, squares) = (0.0, 0.0)
        for _ in 0..<Int(count) {
            let share = Double(Jitter.nanoseconds(at: jitter.draw(), longest: 1_000_000)) / 1_000_000
            sum += share
            squares += share * share
        }
        #expect(abs(sum / count - 1.0 / 2) < 4 * (1.0 / 12 / count).squareRoot())
        #expect(abs(squares / count - 1.0 / 3) < 4 * (4.0 / 45 / count).squareRoot())
    }

    @Test(
        "packets far apart take any delay within it, packets close together none that overtakes", arguments: [100, 1])
    func noReordering(millisecondsApart: Int64) {
        let configuration = LinkConfiguration(
            bitsPerSecond: 120_000_000, delayNanoseconds: 10_000_000, queueBytes: 100_000, jitterNanoseconds: 50_000_000
        )
        var link = Link(stages: [configuration], seed: 4, stream: 1)
        var (last, held) = (Int64.min, 0)
        var delays: [Int64] = []
        for number in 0..<2000 {
            let now = Int64(number) * millisecondsApart * 1_000_000
            link.put(bytes: 1500, at: now)
            while let due = link.firstDue, due <= now || number == 1999 {
                #expect(due >= last)
                held += due == last ? 1 : 0
                last = due
                delays.append(due - Int64(delays.count) * millisecondsApart * 1_000_000 - 100_000)
                link.putOut(at: due, accepted: true)
            }
        }
        #expect(delays.count == 2000)
        #expect(delays.allSatisfy { (10_000_000...60_000_000).contains($0) })
        if millisecondsApart == 100 {
            #expect(held == 0)
            #expect(delays.min()! < 11_000_000 && delays.max()! > 59_000_000)
        } else {
            #expect(held > 1000)
        }
    }
}
