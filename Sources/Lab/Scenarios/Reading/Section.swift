// SPDX-License-Identifier: Apache-2.0

import Yams

/// A mapping in a file whose keys are known.
struct Section<Keys: SectionKeys> {
    /// From the top of the file; nil: the file itself.
    let key: String?
    /// Where its key stands.
    let line: Int
    let problems: Problems
    private var entries: [Keys.RawValue: Entry] = [:]

    /// Tells of each key that is not known, with the nearest that is.
    init(_ mapping: Node.Mapping, key: String?, line: Int, _ problems: Problems) {
        (self.key, self.line, self.problems) = (key, line, problems)
        let known = Keys.allCases.map(\.rawValue)
        for (name, value) in mapping {
            let text = name.scalar?.string ?? ""
            let path = path(text)
            guard Keys(rawValue: text) != nil else {
                let nearest = NearestName.of(text, among: known)
                problems.add(
                    line: name.mark?.line ?? line, key: path, found: "is no key here",
                    expected: nearest.isEmpty ? "one of \(known.joined(separator: ", "))" : nearest.alternatives)
                continue
            }
            entries[text] = Entry(node: value, key: path, keyLine: name.mark?.line, problems: problems)
        }
    }

    private func path(_ name: String) -> String { key.map { "\($0).\(name)" } ?? name }

    /// Nil: not given.
    subscript(_ key: Keys) -> Entry? { entries[key.rawValue] }

    var isEmpty: Bool { entries.isEmpty }

    /// The value; nil if it is not given, or wrong and told.
    func value<Value>(_ key: Keys, _ format: Format<Value>) -> Value? { self[key]?.value(format) }

    /// The value; nil, and told, if it is not given.
    func required<Value>(_ key: Keys, _ format: Format<Value>) -> Value? {
        requiredEntry(key, expected: format.expected)?.value(format)
    }

    /// Nil, and told, if it is not given.
    func requiredEntry(_ key: Keys, expected: String) -> Entry? {
        guard let entry = self[key] else {
            report(key, "is missing", expected: expected)
            return nil
        }
        return entry
    }

    func report(_ key: Keys, _ found: String, expected: String) {
        problems.add(line: self[key]?.line ?? line, key: path(key.rawValue), found: found, expected: expected)
    }

    /// Whether nothing is wrong with these keys' values.
    func isSound(_ keys: Keys...) -> Bool { !keys.contains { problems.concern(path($0.rawValue)) } }
}
