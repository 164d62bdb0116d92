// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios
import Testing

@Suite struct PathTests {
    private static func link(
        _ bitsPerSecond: Int64, delay: Int64, queue: Int64, loss: LossModel = .none, jitter: Int64 = 0
    ) -> LinkConfiguration {
        LinkConfiguration(
            bitsPerSecond: bitsPerSecond, delayNanoseconds: delay, queueBytes: queue, loss: loss,
            jitterNanoseconds: jitter)
    }

    @Test("a queue is one bandwidth-delay product unless it is given; up is as down")
    func leastPath() throws {
        let scenario = try Sample.read()
        #expect(scenario.roundTrip.nanoseconds == 100_000_000)
        #expect(scenario.down == Self.link(50_000_000, delay: 50_000_000, queue: 625_000))
        #expect(scenario.up == scenario.down)
    }

    @Test("up's queue is of up's own rate, if down's is written in bandwidth-delay products")
    func queuesOfBothDirections() throws {
        let products = try Sample.read(path: "rtt: 80ms\ndown: {rate: 40Mbit, queue: 0.5bdp}\nup: {rate: 8Mbit}")
        #expect(products.down.queueBytes == 200_000)
        #expect(products.up.queueBytes == 40_000)
        let bytes = try Sample.read(path: "rtt: 80ms\ndown: {rate: 40Mbit, queue: 64KiB}\nup: {rate: 8Mbit}")
        #expect(bytes.up.queueBytes == 65_536)
        let ofItsOwn = try Sample.read(path: "rtt: 80ms\ndown: {rate: 40Mbit}\nup: {rate: 8Mbit, queue: 2bdp}")
        #expect(ofItsOwn.down.queueBytes == 400_000)
        #expect(ofItsOwn.up.queueBytes == 160_000)
    }

    @Test("what up leaves out is as down has it")
    func upLikeDown() throws {
        let path = "rtt: 10ms\ndown: {rate: 20Mbit, loss: 1%, jitter: 2ms, delay: 4ms}\nup: {loss: 0}"
        let scenario = try Sample.read(path: path)
        #expect(
            scenario.down
                == Self.link(
                    20_000_000, delay: 4_000_000, queue: 25_000, loss: .random(probability: 0.01), jitter: 2_000_000))
        #expect(scenario.up == Self.link(20_000_000, delay: 6_000_000, queue: 25_000, jitter: 2_000_000))
        #expect(scenario.roundTrip.nanoseconds == 10_000_000)
    }

    @Test func oddRoundTripLosesNoNanosecond() throws {
        let scenario = try Sample.read(path: "rtt: 10000001ns\ndown: {rate: 20Mbit}")
        #expect(scenario.down.delayNanoseconds + scenario.up.delayNanoseconds == 10_000_001)
        #expect(scenario.roundTrip.nanoseconds == 10_000_001)
    }

    @Test func bursts() throws {
        let scenario = try Sample.read(
            path: "rtt: 10ms\ndown: {rate: 20Mbit, burst: {to-bad: 0.2%, to-good: 25%, lost-in-bad: 0.5}}")
        #expect(scenario.down.loss == .burst(toBad: 0.002, toGood: 0.25, lossInGood: 0, lossInBad: 0.5))
        let least = try Sample.read(path: "rtt: 10ms\ndown: {rate: 20Mbit, burst: {to-bad: 0.2%, to-good: 25%}}")
        #expect(least.down.loss == .burst(toBad: 0.002, toGood: 0.25, lossInGood: 0, lossInBad: 1))
    }

    @Test("a queue keeps its bytes unless it is given again")
    func changes() throws {
        let scenario = try Sample.read(
            """
            changes:
              - at: cut
                rtt: 200ms
                down: {rate: 25Mbit}
              - at: 1500ms
                down: {queue: 1bdp, loss: 1%}
                up: {delay: 50ms, queue: 1bdp, jitter: 1ms}
            """)
        let cut = Scenario.Change(
            moment: .cut, down: Self.link(25_000_000, delay: 100_000_000, queue: 625_000),
            up: Self.link(50_000_000, delay: 100_000_000, queue: 625_000))
        let later = Scenario.Change(
            moment: .afterConnect(TimeSpan(nanoseconds: 1_500_000_000)),
            // a round trip of 150 ms: 100 down, 50 up
            down: Self.link(25_000_000, delay: 100_000_000, queue: 468_750, loss: .random(probability: 0.01)),
            up: Self.link(50_000_000, delay: 50_000_000, queue: 937_500, jitter: 1_000_000))
        #expect(scenario.changes == [cut, later])
        #expect(scenario.roundTrip.nanoseconds == 100_000_000)
    }

    @Test("a new rtt divides the delays again")
    func unevenDelaysEndWithANewRoundTrip() throws {
        let scenario = try Sample.read(
            path: "rtt: 100ms\ndown: {rate: 50Mbit, delay: 80ms}", "changes: [{at: cut, rtt: 60ms}]")
        #expect(scenario.up.delayNanoseconds == 20_000_000)
        #expect(scenario.changes.first?.down.delayNanoseconds == 30_000_000)
        #expect(scenario.changes.first?.up.delayNanoseconds == 30_000_000)
    }

    @Test("a change can end a loss")
    func lossEnds() throws {
        let scenario = try Sample.read(
            path: "rtt: 10ms\ndown: {rate: 20Mbit, burst: {to-bad: 1%, to-good: 1}}",
            "changes: [{at: 1s, down: {loss: 0}}]")
        #expect(scenario.changes.first?.down.loss == LossModel.none)
        #expect(scenario.changes.first?.up.loss == scenario.up.loss)
    }

    @Test("large bandwidth-delay products don't overflow")
    func largeProducts() {
        let rate = BitRate(bitsPerSecond: 100_000_000_000)
        let size = QueueSize.bandwidthDelayProducts(thousandths: 1000)
        #expect(size.bytes(rate: rate, roundTrip: TimeSpan(nanoseconds: 60_000_000_000)) == 750_000_000_000)
    }
}
