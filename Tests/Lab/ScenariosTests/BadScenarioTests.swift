// SPDX-License-Identifier: Apache-2.0

import Scenarios
import Testing

@Suite("bad scenario → file, line, key, what was found and what was expected") struct BadScenarioTests {
    @Test(
        "a value that can't be read",
        arguments: [
            ("rounds: many", "rounds: 'many' is not a whole number; expected a whole number within 1…1000"),
            ("rounds: 0", "rounds: '0' is out of range; expected a whole number within 1…1000"),
            ("rounds: 1.5", "rounds: '1.5' is not a whole number; expected a whole number within 1…1000"),
            ("rounds:", "rounds: has no value; expected a whole number within 1…1000"),
            ("rounds: [1]", "rounds: is a list; expected a whole number within 1…1000"),
            ("rounds: {a: 1}", "rounds: is a section with keys of its own; expected a whole number within 1…1000"),
            ("simultaneous: 201", "simultaneous: '201' is out of range; expected a whole number within 1…200"),
            ("following: -1", "following: '-1' is out of range; expected a whole number within 0…100"),
            ("idle-timeout: 5", "idle-timeout: '5' is not a time; expected a time such as 5s"),
            ("idle-timeout: 1h", "idle-timeout: '1h' is not a time; expected a time such as 5s"),
            ("idle-timeout: 1ms", "idle-timeout: '1ms' is out of range; expected 100ms…10m"),
            ("family: ipv5", "family: 'ipv5' is not a family; expected ipv4 or ipv6"),
            ("client: chrome", "client: 'chrome' is not a client; expected plain, curl or chromium"),
            ("client: crul", "client: 'crul' is not a client; expected curl"),
            ("receive-window: wide", "receive-window: 'wide' is not a receive window; expected default or open"),
            ("neighbour: nat", "neighbour: 'nat' is not a neighbour; expected competing-flow or same-nat"),
            (
                "udp: throttle fast",
                "udp: 'throttle fast' is not a UDP outage; expected drop, reject or, for example, 'throttle 256kbit' "
                    + "(8kbit…10Gbit)"
            ),
            ("udp: drops", "udp: 'drops' is not a UDP outage; expected drop"),
            ("load: 1MB", "load: '1MB' is not a list; expected a list such as [100kB, 1MB]"),
            ("load: []", "load: is an empty list; expected a list such as [100kB, 1MB]"),
            (
                "load: [1 MB]",
                "load: '1 MB' is not a load; expected a size within 1B…1GiB such as 100kB, 'page 30 x 20kB' "
                    + "(1…1000 objects) or 'upload 1MB'"
            ),
            ("load: [1MB, 1000kB]", "load: '1000kB' is listed twice; expected it only once"),
            ("treatments: [stok]", "treatments: 'stok' is not a treatment; expected stock"),
            (
                "treatments: [initcwnd 1]",
                "treatments: 'initcwnd 1' is not a treatment; expected stock, tcp_metrics, cwndebpf, exact, careful, careful after-first-round, bound, bound-open, "
                    + "warm or 'initcwnd N' (N within 2…1000)"
            ),
            (
                "congestion-control: [vegas]",
                "congestion-control: 'vegas' is not a congestion control; expected cubic, reno or bbr"
            ),
            ("saved: {scale: ten}", "saved.scale: 'ten' is not a number; expected a number such as 10 or 0.5"),
            ("saved: {scale: 0}", "saved.scale: '0' is out of range; expected a number within 0.01…100"),
            ("saved: {scale: nan}", "saved.scale: 'nan' is out of range; expected a number within 0.01…100"),
            ("saved: {lifetime: 2s, age: 0s}", "saved.age: '0s' is out of range; expected 1ms…1440m (a day)"),
            ("saved: 10", "saved: '10' is not a section; expected a section with some of scale, age, lifetime"),
            ("sets: [Read Me]", "sets: 'Read Me' is not a name of a set; expected a name such as readme"),
        ])
    func value(line: String, problem: String) {
        #expect(Sample.problems(Sample.least + line + "\n") == ["sample.yaml:7: \(problem)"])
    }

    @Test(
        "a key",
        arguments: [
            ("treatment: [stock]", "treatment: is not a key here; expected treatments"),
            (
                "conections: 3",
                "conections: is not a key here; expected one of title, about, sets, path, changes, udp, family, "
                    + "client, receive-window, load, congestion-control, treatments, saved, neighbour, simultaneous, "
                    + "following, idle-timeout, rounds"
            ),
            ("saved: {scael: 2}", "saved.scael: is not a key here; expected scale"),
            ("rounds: 2\nrounds: 3", "rounds: is given more than once in its section; expected it only once"),
            (
                "changes: [{rtt: 3ms}]",
                "changes[0].at: is missing; expected cut, or a time after connect() within 1ms…10m "
                    + "such as 2s"
            ),
            (
                "changes: {at: cut}",
                "changes: is not a list, or is empty; expected a list of changes such as "
                    + "[{at: cut, rtt: 200ms}]"
            ),
            ("changes: [cut]", "changes[0]: 'cut' is not a section; expected a section with some of at, rtt, down, up"),
        ])
    func key(line: String, problem: String) {
        #expect(Sample.problems(Sample.least + line + "\n") == ["sample.yaml:7: \(problem)"])
    }

    @Test(
        "what is no YAML, or no scenario",
        arguments: [
            ("", "1: is empty; expected a scenario, which begins with its title"),
            ("- a", "1: is not a section with keys; expected a scenario, which begins with its title"),
            (
                "title: Wi-Fi: bursts",
                "1: mapping values are not allowed in this context; expected quotes around a text that contains ': '"
            ),
            ("title: a\n---\ntitle: b", "2: another document begins; expected one scenario in a file"),
            ("title: a\nabout: b\u{1}", "2: control characters are not allowed; expected YAML"),
        ])
    func text(text: String, problem: String) {
        #expect(Sample.problems(text) == ["sample.yaml:\(problem)"])
    }

    @Test func everythingThatIsWrongIsToldAtOnce() {
        let problems = Sample.problems(
            """
            titel: A title
            about: A reason
            path:
              rtt: 100ms
              down: {rate: fast, queue: deep}
            changes:
              - {at: never, down: {rate: slow}}
            client: curl
            treatments: [warm]
            rounds: 0
            """)
        #expect(
            problems == [
                "sample.yaml:1: titel: is not a key here; expected title",
                "sample.yaml:1: title: is missing; expected a one-line title",
                "sample.yaml:5: path.down.rate: 'fast' is not a rate; expected a rate such as 50Mbit",
                "sample.yaml:5: path.down.queue: 'deep' is not a size of a queue; expected bandwidth-delay products or "
                    + "bytes, such as 1bdp or 64KiB",
                "sample.yaml:7: changes[0].at: 'never' is not a moment; expected cut, or a time after connect() within "
                    + "1ms…10m such as 2s",
                "sample.yaml:7: changes[0].down.rate: 'slow' is not a rate; expected a rate such as 50Mbit",
                "sample.yaml:9: treatments: 'warm' is listed with client curl; expected client plain",
                "sample.yaml:10: rounds: '0' is out of range; expected a whole number within 1…1000",
            ])
    }
}
