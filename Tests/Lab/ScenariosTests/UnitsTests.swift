// SPDX-License-Identifier: Apache-2.0

import Scenarios
import Testing

@Suite struct UnitsTests {
    @Test(arguments: [
        ("100ms", 100_000_000), ("5s", 5_000_000_000), ("1.5s", 1_500_000_000), ("250us", 250_000), ("0", 0),
        ("0s", 0), ("2m", 120_000_000_000), ("17ns", 17), ("0.1ms", 100_000),
    ])
    func durations(text: String, nanoseconds: Int64) {
        #expect(TimeSpan(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [("50Mbit", 50_000_000), ("1.5Gbit", 1_500_000_000), ("9600bit", 9600), ("64kbit", 64_000)])
    func rates(text: String, bitsPerSecond: Int64) {
        #expect(BitRate(text)?.bitsPerSecond == bitsPerSecond)
    }

    @Test(arguments: [("5MB", 5_000_000), ("1MiB", 1_048_576), ("625000", 625_000), ("0.5KiB", 512), ("3B", 3)])
    func sizes(text: String, bytes: Int64) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(arguments: [
        "", "ms", "5", "-5ms", "5 ms", "5x", "1..5s", ".5s", "5.s", "0.1ns", "99999999999999s", "1e3ms", "٣s", "5msx",
    ])
    func malformedDurations(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test(arguments: ["", "50", "50MBit", "-1Mbit", "0.5bit", "Mbit"])
    func malformedRates(text: String) {
        #expect(BitRate(text) == nil)
    }

    @Test func queues() {
        let (rate, roundTrip) = (BitRate(bitsPerSecond: 50_000_000), TimeSpan(nanoseconds: 100_000_000))
        #expect(QueueSize("1bdp")?.bytes(rate: rate, roundTrip: roundTrip) == 625_000)
        #expect(QueueSize("0.5bdp")?.bytes(rate: rate, roundTrip: roundTrip) == 312_500)
        #expect(QueueSize("64KiB")?.bytes(rate: rate, roundTrip: roundTrip) == 65_536)
        #expect(QueueSize("bdp") == nil)
        #expect(QueueSize("-1bdp") == nil)
    }

    @Test func probabilities() {
        #expect(Probability("1%")?.value == 0.01)
        #expect(Probability("0.25")?.value == 0.25)
        for text in ["", "-0.1", "1.1", "101%", "nan", "x"] {
            #expect(Probability(text) == nil, "\(text)")
        }
    }

    @Test("a default is shown as one would type it")
    func shown() {
        #expect(TimeSpan(nanoseconds: 100_000_000).description == "100ms")
        #expect(TimeSpan(nanoseconds: 0).description == "0ns")
        #expect(BitRate(bitsPerSecond: 50_000_000).description == "50Mbit")
        #expect(ByteCount(bytes: 5_000_000).description == "5MB")
    }
}
