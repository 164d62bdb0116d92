// SPDX-License-Identifier: Apache-2.0

/// What somebody may have meant who mistyped a name.
enum NearestName {
    /// Those of `names` that are the fewest edits away from `text`, if these are few: at most a third of its length.
    static func of(_ text: String, among names: [String]) -> [String] {
        let distances = names.map { (name: $0, edits: edits(from: Array(text), to: Array($0))) }
        guard let fewest = distances.map(\.edits).min(), fewest <= max(1, text.count / 3) else { return [] }
        return distances.filter { $0.edits == fewest }.map(\.name)
    }

    /// Characters to insert, delete or replace (Levenshtein's distance).
    static func edits(from first: [Character], to second: [Character]) -> Int {
        var row = Array(0...second.count)
        for (index, character) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in second.indices {
                let replaced = diagonal + (character == second[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
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
