// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios
import Testing

@Suite struct ScenarioTests {
    @Test func defaults() throws {
        let scenario = try Sample.read()
        #expect(scenario.name == "sample")
        #expect((scenario.title, scenario.about) == ("A title", "A reason"))
        #expect(scenario.sets.isEmpty)
        #expect(scenario.changes.isEmpty)
        #expect(scenario.family == .ipv4)
        #expect(scenario.udp == .drop)
        #expect(scenario.client == .plain)
        #expect(scenario.receiveWindow == .default)
        #expect(scenario.loads == [.body(ByteCount(bytes: 100_000)), .body(ByteCount(bytes: 1_000_000))])
        #expect(scenario.congestionControls == ["cubic"])
        #expect(scenario.treatments == [.stock, .exact, .careful, .bound])
        #expect(scenario.saved == Scenario.Saved())
        #expect(scenario.neighbour == nil)
        #expect((scenario.simultaneous, scenario.following, scenario.rounds) == (1, 0, 6))
        #expect(scenario.idleTimeout.nanoseconds == 5_000_000_000)
        #expect(scenario.source == Sample.least)
        #expect(scenario.measurements == 6 * 2 * 1 * 4)
    }

    @Test func everyKey() throws {
        let scenario = try Sample.read(
            """
            sets: [readme, quick]
            udp: throttle 256kbit
            family: ipv6
            receive-window: open
            load: [upload 15kB]
            congestion-control: [cubic, reno, bbr]
            treatments: [stock, initcwnd 32, tcp_metrics, cwndebpf, exact, bound, warm]
            saved: {scale: 0.5, age: 30s, lifetime: 2m}
            neighbour: competing-flow
            simultaneous: 20
            following: 10
            idle-timeout: 1.5s
            rounds: 2
            """)
        #expect(scenario.sets == ["readme", "quick"])
        #expect(scenario.udp == .throttle(BitRate(bitsPerSecond: 256_000)))
        #expect(scenario.family == .ipv6)
        #expect(scenario.receiveWindow == .open)
        #expect(scenario.loads == [.upload(ByteCount(bytes: 15_000))])
        #expect(scenario.congestionControls == ["cubic", "reno", "bbr"])
        #expect(
            scenario.treatments == [
                .stock, .initialWindow(segments: 32), .tcpMetrics, .cwndebpf, .exact, .bound, .warm,
            ])
        #expect(scenario.saved.scale == 0.5)
        #expect(scenario.saved.age?.nanoseconds == 30_000_000_000)
        #expect(scenario.saved.lifetime?.nanoseconds == 120_000_000_000)
        #expect(scenario.neighbour == .competingFlow)
        #expect((scenario.simultaneous, scenario.following, scenario.rounds) == (20, 10, 2))
        #expect(scenario.idleTimeout.nanoseconds == 1_500_000_000)
        #expect(scenario.measurements == 2 * 1 * 3 * 7)
    }

    @Test func pageOfChromium() throws {
        let scenario = try Sample.read("client: chromium\nload: [page 30 x 20kB]\nudp: reject\n")
        #expect(scenario.client == .chromium)
        #expect(scenario.loads == [.page(objects: 30, each: ByteCount(bytes: 20_000))])
        #expect(scenario.udp == .reject)
    }

    @Test("names are read as they are written", arguments: ["drop", "reject", "throttle 256kbit", "throttle 1Mbit"])
    func outages(text: String) throws {
        #expect(Scenario.UDPOutage(text)?.description == text)
    }

    @Test(arguments: ["", "Drop", "throttle", "throttle 1", "throttle 1Mbit ", "throttle 1kbit", "throttle  1Mbit"])
    func malformedOutages(text: String) {
        #expect(Scenario.UDPOutage(text) == nil)
    }

    @Test(arguments: [("cut", Scenario.Moment.cut), ("2s", .afterConnect(TimeSpan(nanoseconds: 2_000_000_000)))])
    func moments(text: String, moment: Scenario.Moment) {
        #expect(Scenario.Moment(text) == moment)
        #expect(moment.description == text)
    }

    @Test(arguments: ["", "0", "0s", "11m", "Cut", "-1s"])
    func malformedMoments(text: String) {
        #expect(Scenario.Moment(text) == nil)
    }
}
