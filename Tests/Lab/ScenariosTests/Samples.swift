// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// Texts of scenarios.
enum Sample {
    /// The least that a scenario can be: three lines above the rate, which stands in the sixth.
    static let least = """
        title: A title
        about: A reason
        path:
          rtt: 100ms
          down:
            rate: 50Mbit

        """

    /// The least, and further lines, the first of which is the seventh.
    static func read(_ lines: String = "") throws(ScenarioError) -> Scenario {
        try Scenario(name: "sample", parsing: least + lines)
    }

    /// With this path, whose keys stand from the fourth line on.
    static func read(path: String, _ lines: String = "") throws(ScenarioError) -> Scenario {
        let indented = path.split(separator: "\n").map { "  \($0)\n" }.joined()
        return try Scenario(name: "sample", parsing: "title: A title\nabout: A reason\npath:\n\(indented)\(lines)")
    }

    /// What is wrong with a text, a line each; none if nothing is.
    static func problems(_ text: String) -> [String] {
        do throws(ScenarioError) {
            _ = try Scenario(name: "sample", parsing: text)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }
}
