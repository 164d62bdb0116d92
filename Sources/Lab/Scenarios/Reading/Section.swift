// SPDX-License-Identifier: Apache-2.0

import Yams

/// A mapping in a file whose keys are known.
struct Section<Keys: SectionKeys> {
    /// Its key from the top of the file; nil: the file itself.
    let key: String?
    /// The line of its key.
    let line: Int
    let problems: Problems
    private var entries: [Keys.RawValue: Entry] = [:]

    /// Reports each unknown key, with the nearest known ones.
    init(_ mapping: Node.Mapping, key: String?, line: Int, _ problems: Problems) {
        (self.key, self.line, self.problems) = (key, line, problems)
        let known = Keys.allCases.map(\.rawValue)
        for (name, value) in mapping {
            let text = name.scalar?.string ?? ""
            let path = path(text)
            guard Keys(rawValue: text) != nil else {
                let nearest = NearestName.of(text, among: known)
                problems.add(
                    line: name.mark?.line ?? line, key: path, found: "is not a key here",
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

    /// The value; nil if it is not given, or if it is wrong, which is reported.
    func value<Value>(_ key: Keys, _ format: Format<Value>) -> Value? { self[key]?.value(format) }

    /// The value; nil, and reported, if it is not given.
    func required<Value>(_ key: Keys, _ format: Format<Value>) -> Value? {
        requiredEntry(key, expected: format.expected)?.value(format)
    }

    /// The entry; nil, and reported, if it is not given.
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

    /// Whether there is no problem with these keys' values.
    func isSound(_ keys: Keys...) -> Bool { !keys.contains { problems.concern(path($0.rawValue)) } }
}
