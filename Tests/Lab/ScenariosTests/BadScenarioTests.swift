// SPDX-License-Identifier: Apache-2.0

import Scenarios
import Testing

@Suite("bad scenario → file, line, key, what was found and what was expected") struct BadScenarioTests {
    @Test(
        "a value that can't be read",
        arguments: [
            ("rounds: many", "rounds: 'many' is no whole number; expected a whole number within 1…1000"),
            ("rounds: 0", "rounds: '0' is out of range; expected a whole number within 1…1000"),
            ("rounds: 1.5", "rounds: '1.5' is no whole number; expected a whole number within 1…1000"),
            ("rounds:", "rounds: has no value; expected a whole number within 1…1000"),
            ("rounds: [1]", "rounds: is a list; expected a whole number within 1…1000"),
            ("rounds: {a: 1}", "rounds: is a section with keys of its own; expected a whole number within 1…1000"),
            ("simultaneous: 201", "simultaneous: '201' is out of range; expected a whole number within 1…200"),
            ("following: -1", "following: '-1' is out of range; expected a whole number within 0…100"),
            ("idle-timeout: 5", "idle-timeout: '5' is no time; expected such as 5s"),
            ("idle-timeout: 1h", "idle-timeout: '1h' is no time; expected such as 5s"),
            ("idle-timeout: 1ms", "idle-timeout: '1ms' is out of range; expected 100ms…10m"),
            ("family: ipv5", "family: 'ipv5' is no family; expected ipv4 or ipv6"),
            ("client: chrome", "client: 'chrome' is no client; expected plain, curl or chromium"),
            ("client: crul", "client: 'crul' is no client; expected curl"),
            ("receive-window: wide", "receive-window: 'wide' is no receive window; expected default or open"),
            ("neighbour: nat", "neighbour: 'nat' is no neighbour; expected competing-flow or same-nat"),
            (
                "udp: throttle fast",
                "udp: 'throttle fast' is no outage of UDP; expected drop, reject or such as 'throttle 256kbit' "
                    + "(8kbit…10Gbit)"
            ),
            ("udp: drops", "udp: 'drops' is no outage of UDP; expected drop"),
            ("load: 1MB", "load: '1MB' is no list; expected a list such as [100kB, 1MB]"),
            ("load: []", "load: is an empty list; expected a list such as [100kB, 1MB]"),
            (
                "load: [1 MB]",
                "load: '1 MB' is no load; expected a size within 1B…1GiB such as 100kB, 'page 30 x 20kB' "
                    + "(1…1000 objects) or 'upload 1MB'"
            ),
            ("load: [1MB, 1000kB]", "load: '1000kB' is listed twice; expected it once"),
            ("treatments: [stok]", "treatments: 'stok' is no treatment; expected stock"),
            (
                "treatments: [initcwnd 1]",
                "treatments: 'initcwnd 1' is no treatment; expected stock, tcp_metrics, cwndebpf, exact, careful, careful after-first-round, bound, bound-open, "
                    + "warm or 'initcwnd N' (N within 2…1000)"
            ),
            (
                "congestion-control: [vegas]",
                "congestion-control: 'vegas' is no congestion control; expected cubic, reno or bbr"
            ),
            ("saved: {scale: ten}", "saved.scale: 'ten' is no number; expected such as 10 or 0.5"),
            ("saved: {scale: 0}", "saved.scale: '0' is out of range; expected a number within 0.01…100"),
            ("saved: {scale: nan}", "saved.scale: 'nan' is out of range; expected a number within 0.01…100"),
            ("saved: {lifetime: 2s, age: 0s}", "saved.age: '0s' is out of range; expected 1ms…1440m (a day)"),
            ("saved: 10", "saved: '10' is no section; expected a section with some of scale, age, lifetime"),
            ("sets: [Read Me]", "sets: 'Read Me' is no name of a set; expected such as readme"),
        ])
    func value(line: String, problem: String) {
        #expect(Sample.problems(Sample.least + line + "\n") == ["sample.yaml:7: \(problem)"])
    }

    @Test(
        "a key",
        arguments: [
            ("treatment: [stock]", "treatment: is no key here; expected treatments"),
            (
                "conections: 3",
                "conections: is no key here; expected one of title, about, sets, path, changes, udp, family, "
                    + "client, receive-window, load, congestion-control, treatments, saved, neighbour, simultaneous, "
                    + "following, idle-timeout, rounds"
            ),
            ("saved: {scael: 2}", "saved.scael: is no key here; expected scale"),
            ("rounds: 2\nrounds: 3", "rounds: is given more than once in its section; expected it once"),
            (
                "changes: [{rtt: 3ms}]",
                "changes[0].at: is missing; expected cut, or a time after connect() within 1ms…10m "
                    + "such as 2s"
            ),
            (
                "changes: {at: cut}",
                "changes: is no list, or an empty one; expected a list of changes such as "
                    + "[{at: cut, rtt: 200ms}]"
            ),
            ("changes: [cut]", "changes[0]: 'cut' is no section; expected a section with some of at, rtt, down, up"),
        ])
    func key(line: String, problem: String) {
        #expect(Sample.problems(Sample.least + line + "\n") == ["sample.yaml:7: \(problem)"])
    }

    @Test(
        "what is no YAML, or no scenario",
        arguments: [
            ("", "1: is empty; expected a scenario, which begins with its title"),
            ("- a", "1: is no section with keys; expected a scenario, which begins with its title"),
            (
                "title: Wi-Fi: bursts",
                "1: mapping values are not allowed in this context; expected quotes around a text that holds ': '"
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
                "sample.yaml:1: titel: is no key here; expected title",
                "sample.yaml:1: title: is missing; expected one line for people",
                "sample.yaml:5: path.down.rate: 'fast' is no rate; expected such as 50Mbit",
                "sample.yaml:5: path.down.queue: 'deep' is no size of a queue; expected bandwidth-delay products or "
                    + "bytes, such as 1bdp or 64KiB",
                "sample.yaml:7: changes[0].at: 'never' is no moment; expected cut, or a time after connect() within "
                    + "1ms…10m such as 2s",
                "sample.yaml:7: changes[0].down.rate: 'slow' is no rate; expected such as 50Mbit",
                "sample.yaml:9: treatments: 'warm' is listed with client curl; expected client plain",
                "sample.yaml:10: rounds: '0' is out of range; expected a whole number within 1…1000",
            ])
    }
}
