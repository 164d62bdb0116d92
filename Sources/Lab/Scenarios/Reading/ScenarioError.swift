// SPDX-License-Identifier: Apache-2.0

/// A scenario that can't be read: everything that is wrong with its file, one line each.
package struct ScenarioError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Codable, Equatable, Sendable {
        /// 1…; nil: the file as a whole.
        package let line: Int?
        /// The key from the top of the file, joined by dots: `path.down.rate`, `changes[0].at`; nil: no particular key.
        package let key: String?
        /// What was found.
        package let found: String
        /// What was expected.
        package let expected: String

        /// `path.down.rate: 'fast' is not a rate; expected a rate such as 50Mbit`.
        package var message: String { (key.map { "\($0): " } ?? "") + "\(found); expected \(expected)" }
    }

    /// Path of the file, as it was given.
    package let file: String
    /// At least one, in the order of their lines.
    package let problems: [Problem]

    /// One line per problem: `Scenarios/x.yaml:12: path.down.rate: 'fast' is not a rate; expected a rate such as
    /// 50Mbit`.
    package var description: String {
        problems.map { "\(file):\($0.line.map { "\($0):" } ?? "") \($0.message)" }.joined(separator: "\n")
    }
}

/// Everything that is wrong with a file, collected while it is read, so that it can be reported at once.
final class Problems {
    private(set) var all: [ScenarioError.Problem] = []

    func add(line: Int?, key: String?, found: String, expected: String) {
        all.append(ScenarioError.Problem(line: line, key: key, found: found, expected: expected))
    }

    /// Whether there is a problem with this key's value, or within it.
    func concern(_ key: String) -> Bool {
        all.contains { $0.key == key || $0.key?.hasPrefix("\(key).") == true || $0.key?.hasPrefix("\(key)[") == true }
    }

    /// Nil if there are none.
    func error(in file: String) -> ScenarioError? {
        // by line; several on one line in the order in which they were found
        let sorted = all.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
        return all.isEmpty ? nil : ScenarioError(file: file, problems: sorted.map(\.element))
    }
}
