// SPDX-License-Identifier: Apache-2.0

/// Suggestions for a mistyped name.
enum NearestName {
    /// Those of `names` that are the fewest edits away from `text`, if the edits are few: at most a third of its
    /// length.
    static func of(_ text: String, among names: [String]) -> [String] {
        let distances = names.map { (name: $0, edits: edits(from: Array(text), to: Array($0))) }
        guard let fewest = distances.map(\.edits).min(), fewest <= max(1, text.count / 3) else { return [] }
        return distances.filter { $0.edits == fewest }.map(\.name)
    }

    /// Characters to insert, delete, replace, or exchange with their neighbour (optimal string alignment).
    static func edits(from first: [Character], to second: [Character]) -> Int {
        var (before, row) = ([Int](), Array(0...second.count))
        for index in first.indices {
            var next = [index + 1]
            for column in second.indices {
                let replaced = row[column] + (first[index] == second[column] ? 0 : 1)
                var fewest = min(replaced, next[column] + 1, row[column + 1] + 1)
                if index > 0, column > 0, first[index] == second[column - 1], first[index - 1] == second[column] {
                    fewest = min(fewest, before[column - 1] + 1)
                }
                next.append(fewest)
            }
            (before, row) = (row, next)
        }
        return row[second.count]
    }
}

extension [String] {
    /// `drop, reject or throttle`.
    var alternatives: String {
        count < 2 ? joined() : dropLast().joined(separator: ", ") + " or " + self[count - 1]
    }
}
