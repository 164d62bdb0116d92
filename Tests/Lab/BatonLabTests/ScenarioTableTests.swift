// SPDX-License-Identifier: Apache-2.0

import BatonLab
import Scenarios
import Testing

@Suite struct ScenarioTableTests {
    private static let scenarios: [Scenario] = {
        let texts = [
            ("short", "{rtt: 20ms, down: {rate: 50Mbit}}\ntreatments: [stock, exact]\nrounds: 2"),
            (
                "much-longer",
                """

                  rtt: 600ms
                  down: {rate: 50Mbit, burst: {to-bad: 1%, to-good: 24%, lost-in-bad: 50%}}
                  up: {rate: 1.5Mbit, loss: 0}
                changes: [{at: cut, rtt: 300ms}]
                treatments: [initcwnd 10, stock, exact, bound-open, initcwnd 32]
                rounds: 36
                """
            ),
        ]
        return texts.map { name, path in
            guard let scenario = try? Scenario(name: name, parsing: "title: A \(name) title\nabout: b\npath: \(path)\n")
            else { preconditionFailure(name) }
            return scenario
        }
    }()

    @Test("a row each where there is room, or where no person reads", arguments: [nil, 120])
    func rows(width: Int?) {
        #expect(
            ScenarioTable(scenarios: Self.scenarios).text(width: width) == """
                NAME         RATE          RTT    LOSS  CLIENT  MEAS.  TREATMENTS                             TITLE
                short        50M          20ms       -  plain       8  stock exact                            A short title
                much-longer  50M/1500k*  600ms  2.0%/-  plain     360  stock exact bound-open initcwnd \
                10,32  A much-longer title
                """)
    }

    @Test("two rows each in a narrow terminal, none wider than it")
    func narrow() {
        let text = ScenarioTable(scenarios: Self.scenarios).text(width: 70)
        #expect(
            text == """
                NAME         TITLE
                  RATE          RTT    LOSS  CLIENT  MEAS.  TREATMENTS
                short        A short title
                  50M          20ms       -  plain       8  stock exact
                much-longer  A much-longer title
                  50M/1500k*  600ms  2.0%/-  plain     360  stock exact bound-open
                                                            initcwnd 10,32
                """)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 70 })
    }
}
