// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a file, collected while it is read, so that all of it can be told at once.
final class Problems {
    private(set) var all: [ScenarioError.Problem] = []

    func add(line: Int?, key: String?, found: String, expected: String) {
        all.append(ScenarioError.Problem(line: line, key: key, found: found, expected: expected))
    }

    /// Whether something is wrong with the value of this key, or within it.
    func concern(_ key: String) -> Bool {
        all.contains { $0.key == key || $0.key?.hasPrefix("\(key).") == true || $0.key?.hasPrefix("\(key)[") == true }
    }

    /// Nil if there are none.
    func error(in file: String) -> ScenarioError? {
        // by line; where one line has several, as they were found
        let sorted = all.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
        return all.isEmpty ? nil : ScenarioError(file: file, problems: sorted.map(\.element))
    }
}
