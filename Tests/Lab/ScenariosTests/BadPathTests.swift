// SPDX-License-Identifier: Apache-2.0

import Scenarios
import Testing

@Suite("bad path, or values that contradict one another → line, key, what was found and what was expected")
struct BadPathTests {
    @Test(
        "a path",
        arguments: [
            ("rtt: 100ms", "3: path.down: is missing; expected the direction to the client, with its rate"),
            ("down: {rate: 50Mbit}", "3: path.rtt: is missing; expected a time such as 30ms"),
            ("rtt: 100ms\ndown: {loss: 0}", "5: path.down.rate: is missing; expected a rate such as 50Mbit"),
            ("rtt: 100\ndown: {rate: 50Mbit}", "4: path.rtt: '100' is not a time; expected a time such as 30ms"),
            ("rtt: 2m\ndown: {rate: 50Mbit}", "4: path.rtt: '2m' is out of range; expected 0…60s"),
            (
                "rtt: 1ms\ndown:\n  rate: fast",
                "6: path.down.rate: 'fast' is not a rate; expected a rate such as 50Mbit"
            ),
            ("rtt: 1ms\ndown:\n  rate: 0bit", "6: path.down.rate: '0bit' is out of range; expected 8kbit…100Gbit"),
            (
                "rtt: 1ms\ndown:\n  rate: 50Mbit\n  queue: 1dbp",
                "7: path.down.queue: '1dbp' is not a size of a queue; expected bandwidth-delay products or bytes, such as "
                    + "1bdp or 64KiB"
            ),
            (
                "rtt: 1ms\ndown:\n  rate: 50Mbit\n  queue: 0.1bdp",
                "7: path.down.queue: '0.1bdp' is 625 bytes at 50Mbit and 1ms; expected 1500 bytes (one packet)…1GiB"
            ),
            (
                "rtt: 10ms\ndown: {rate: 50Mbit}\nup:\n  rate: 64kbit",
                "6: path.up.queue: the queue is 80 bytes at 64kbit and 10ms; expected 1500 bytes (one packet)…1GiB"
            ),
            (
                "rtt: 9ms\ndown:\n  rate: 50Mbit\n  loss: 2",
                "7: path.down.loss: '2' is not a share; expected a share of 0…1 or 0…100%, such as 0.5%"
            ),
            (
                "rtt: 9ms\ndown:\n  rate: 50Mbit\n  jitter: 11s",
                "7: path.down.jitter: '11s' is out of range; expected 0…10s"
            ),
            (
                "rtt: 9ms\ndown:\n  rate: 50Mbit\n  burst: {to-bad: 1%, to-good: 0}",
                "7: path.down.burst.to-good: '0' is out of range; expected a share above 0"
            ),
            (
                "rtt: 9ms\ndown:\n  rate: 50Mbit\n  burst: {to-good: 1}",
                "7: path.down.burst.to-bad: is missing; expected a share above 0, up to 1 or 100%, such as 0.5%"
            ),
            (
                "rtt: 9ms\ndown:\n  rate: 50Mbit\n  loss: 1%\n  burst: {to-bad: 1%, to-good: 1}",
                "8: path.down.burst: is given together with loss; expected only one of them"
            ),
            (
                "rtt: 9ms\ndown:\n  rate: 50Mbit\n  delay: 10ms",
                "4: path.rtt: '9ms' is not the sum of the delays, 10ms down; expected their sum, or one delay that is "
                    + "shorter"
            ),
            (
                "rtt: 9ms\ndown: {rate: 50Mbit, delay: 3ms}\nup: {delay: 5ms}",
                "4: path.rtt: '9ms' is not the sum of the delays, 3ms down and 5ms up; expected their sum, or one delay "
                    + "that is shorter"
            ),
            (
                "rtt: 9ms\ndown: 50Mbit",
                "5: path.down: '50Mbit' is not a section; expected a section with some of rate, queue, delay, jitter, loss, "
                    + "burst"
            ),
        ])
    func path(keys: String, problem: String) {
        let indented = keys.split(separator: "\n").map { "  \($0)\n" }.joined()
        let problems = Sample.problems("title: A title\nabout: A reason\npath:\n\(indented)")
        #expect(problems == ["sample.yaml:\(problem)"])
    }

    @Test(
        "values that make no sense together",
        arguments: [
            ("load: [page 30 x 20kB]", "7: load: a page with client plain; expected client chromium"),
            (
                "load: [upload 1MB]\nclient: chromium",
                "7: load: an upload with client chromium; expected client plain"
            ),
            (
                "load: [1MB, upload 1MB]",
                "7: load: mixes responses and uploads; expected one kind: a scenario each for responses, pages and uploads"
            ),
            (
                "client: curl\ntreatments: [stock, warm]",
                "8: treatments: 'warm' is listed with client curl; expected client plain"
            ),
            (
                "client: curl\ntreatments: [stock, cwndebpf]",
                "8: treatments: 'cwndebpf' is listed with client curl; expected client plain"
            ),
            (
                "client: curl\ntreatments: [stock, tcp_metrics]",
                "8: treatments: 'tcp_metrics' is listed with client curl; expected client plain"
            ),
            ("client: curl\nload: [upload 1MB]", "8: load: an upload with client curl; expected client plain"),
            (
                "client: curl\nneighbour: competing-flow",
                "8: neighbour: 'competing-flow' with client curl; expected client plain"
            ),
            (
                "client: curl\nchanges: [{at: 2s, rtt: 20ms}]",
                "8: changes: a time after connect() with client curl; expected client plain, whose connect() is known "
                    + "beforehand, or `at: cut`"
            ),
            (
                "receive-window: open\ntreatments: [stock, bound-open]",
                "8: treatments: 'bound-open' is listed where receive-window is open; expected bound, which is the same"
            ),
            (
                "client: curl\nsimultaneous: 2",
                "8: simultaneous: 2 clients at once with client curl; expected client plain"
            ),
            (
                "client: curl\nneighbour: same-nat",
                "8: neighbour: 'same-nat' with client curl; expected client plain"
            ),
            (
                "client: curl\nsaved: {scale: 2}",
                "8: saved: is set with client curl; expected client plain: a real client\'s record comes from its own QUIC "
                    + "connection"
            ),
            (
                "changes: [{at: 2s, rtt: 1ms}, {at: cut, rtt: 2ms}]",
                "7: changes[1].at: 'cut' does not follow '2s'; expected moments in order"
            ),
            (
                "changes: [{at: cut, rtt: 20ms}, {at: cut, rtt: 30ms}]",
                "7: changes[1].at: 'cut' does not follow 'cut'; expected moments in order"
            ),
            ("changes:\n- at: cut", "8: changes[0]: changes nothing; expected rtt, down or up in addition to at"),
            (
                "changes:\n- {at: cut, rtt: 1ms, down: {queue: 0.1bdp}}",
                "8: changes[0].down.queue: '0.1bdp' is 625 bytes at 50Mbit and 1ms; expected 1500 bytes (one packet)…1GiB"
            ),
        ])
    func combination(lines: String, problem: String) {
        #expect(Sample.problems(Sample.least + lines + "\n") == ["sample.yaml:\(problem)"])
    }
}
