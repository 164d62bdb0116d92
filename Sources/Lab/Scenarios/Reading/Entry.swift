// SPDX-License-Identifier: Apache-2.0

import Yams

/// A value in a file: its node and its place.
struct Entry {
    let node: Node
    /// From the top of the file, joined by dots.
    let key: String
    /// The line of its key, which may be above it; nil: it has none, as an item of a list.
    var keyLine: Int?
    let problems: Problems

    /// 1….
    var line: Int { node.mark?.line ?? 1 }

    func report(_ found: String, expected: String) {
        problems.add(line: line, key: key, found: found, expected: expected)
    }

    /// The text of a single value, unquoted; nil, and reported, if it is something else or empty.
    private func text(expected: String) -> String? {
        switch node {
        case .mapping: report("is a section with keys of its own", expected: expected)
        case .sequence: report("is a list", expected: expected)
        case .alias: report("is an alias", expected: expected)
        case .scalar(let scalar) where scalar.string.isEmpty: report("has no value", expected: expected)
        case .scalar(let scalar): return scalar.string
        }
        return nil
    }

    /// The value, read in this format; nil, and reported, if it is not in that format.
    func value<Value>(_ format: Format<Value>) -> Value? {
        guard let text = text(expected: format.expected) else { return nil }
        guard let value = format.parse(text) else {
            report("'\(text)' is not a \(format.noun)", expected: format.nearest(text) ?? format.expected)
            return nil
        }
        guard format.permits(value) else {
            report("'\(text)' is out of range", expected: format.range)
            return nil
        }
        return value
    }

    /// The values of a non-empty list without repetitions; nil, and reported, if it is something else.
    func list<Value: Hashable>(_ format: Format<Value>) -> [Value]? {
        guard case .sequence(let sequence) = node else {
            let found = node.scalar.map { $0.string.isEmpty ? "has no value" : "'\($0.string)' is not a list" }
            report(found ?? "is a section with keys of its own", expected: "a list such as \(format.listExample)")
            return nil
        }
        guard !sequence.isEmpty else {
            report("is an empty list", expected: "a list such as \(format.listExample)")
            return nil
        }
        var values: [Value] = []
        for node in sequence {
            let entry = Entry(node: node, key: key, problems: problems)
            guard let value = entry.value(format) else { continue }
            if values.contains(value) {
                entry.report("'\(node.scalar?.string ?? "")' is listed twice", expected: "it only once")
            }
            values.append(value)
        }
        return values
    }

    /// The items of a list; none, and reported, if it is something else.
    func items(expected: String) -> [Entry] {
        guard case .sequence(let sequence) = node, !sequence.isEmpty else {
            report("is not a list, or is empty", expected: expected)
            return []
        }
        return sequence.enumerated().map { Entry(node: $1, key: "\(key)[\($0)]", problems: problems) }
    }

    /// The value as a section; nil, and reported, if it is something else.
    func section<Keys: SectionKeys>(_ keys: Keys.Type) -> Section<Keys>? {
        guard case .mapping(let mapping) = node else {
            let names = keys.allCases.map(\.rawValue).joined(separator: ", ")
            let found =
                switch node.scalar?.string {
                case nil: "is a list"
                case "": "has no value"
                case let text?: "'\(text)' is not a section"
                }
            report(found, expected: "a section with some of \(names)")
            return nil
        }
        return Section(mapping, key: key.isEmpty ? nil : key, line: keyLine ?? line, problems)
    }
}
