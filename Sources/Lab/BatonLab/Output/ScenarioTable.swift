// SPDX-License-Identifier: Apache-2.0

import PathEmulator
package import Scenarios

/// Scenarios as a table: one row each, or two where a row is longer than a line.
package struct ScenarioTable {
    let scenarios: [Scenario]

    package init(scenarios: [Scenario]) {
        self.scenarios = scenarios
    }

    private static let name = "NAME"
    private static let title = "TITLE"
    private static let treatments = "TREATMENTS"
    private static let headings = ["RATE", "RTT", "LOSS", "CLIENT", "MEAS."]
    /// Columns of numbers, right-aligned.
    private static let rightAligned: Set = [1, 2, 4]

    /// - Parameter width: characters in a line; nil: unlimited, for other programs to read.
    package func text(width: Int?) -> String {
        let names = Self.aligned([Self.name] + scenarios.map(\.name))
        let titles = [Self.title] + scenarios.map(\.title)
        let cells = [Self.headings] + scenarios.map(Self.cells)
        let columns = Self.headings.indices.map { column in
            Self.aligned(cells.map { $0[column] }, right: Self.rightAligned.contains(column))
        }
        let paths = names.indices.map { row in columns.map { $0[row] }.joined(separator: "  ") }
        let treatments = [[Self.treatments]] + scenarios.map(Self.treatments)
        let whole = Self.aligned(treatments.map { $0.joined(separator: " ") })
        let rows = names.indices.map { "\(names[$0])  \(paths[$0])  \(whole[$0])  \(titles[$0])" }
        guard let width, rows.contains(where: { $0.count > width }) else { return rows.joined(separator: "\n") }
        return names.indices.flatMap { row in
            let margin = String(repeating: " ", count: paths[row].count + 4)
            let lines = Self.wrapped(treatments[row], width: width - margin.count)
            return ["\(names[row])  \(titles[row])", "  \(paths[row])  \(lines[0])"]
                + lines.dropFirst().map { margin + $0 }
        }.joined(separator: "\n")
    }

    /// A column's cells, all as wide as the widest.
    private static func aligned(_ cells: [String], right: Bool = false) -> [String] {
        let width = cells.map(\.count).max() ?? 0
        return cells.map {
            right ? Text.padded($0, width: width) : $0 + String(repeating: " ", count: width - $0.count)
        }
    }

    /// Words in lines of at most this width, where a longer word gets its own line; at least one line.
    private static func wrapped(_ words: [String], width: Int) -> [String] {
        words.dropFirst().reduce(into: [words[0]]) { lines, word in
            if lines[lines.count - 1].count + 1 + word.count <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(word)
            }
        }
    }

    private static func cells(_ scenario: Scenario) -> [String] {
        let changes = scenario.changes.isEmpty ? "" : "*"
        return [
            both(rate(scenario.down), rate(scenario.up)) + changes, scenario.roundTrip.description,
            both(loss(scenario.down), loss(scenario.up)), scenario.client.rawValue, "\(scenario.measurements)",
        ]
    }

    private static func both(_ down: String, _ up: String) -> String { down == up ? down : "\(down)/\(up)" }

    private static func rate(_ link: LinkConfiguration) -> String {
        BitRate(bitsPerSecond: link.bitsPerSecond).description.replacing("bit", with: "")
    }

    private static func loss(_ link: LinkConfiguration) -> String {
        let mean = link.loss.mean * 100
        return mean == 0 ? "-" : Text.decimal(mean, digits: mean < 0.095 ? 2 : 1) + "%"
    }

    /// Several initial windows are one word: `initcwnd 10,16,32`.
    private static func treatments(_ scenario: Scenario) -> [String] {
        var segments: [String] = []
        var words: [String] = []
        for treatment in scenario.treatments {
            if case .initialWindow(let count) = treatment {
                segments.append("\(count)")
            } else {
                words.append(treatment.description)
            }
        }
        let windows = segments.isEmpty ? [] : ["initcwnd \(segments.joined(separator: ","))"]
        return words + windows
    }
}

extension LossModel {
    /// The share of packets that are lost in the mean.
    fileprivate var mean: Double {
        switch self {
        // scenarios don't use losses by number
        case .none, .packets: 0
        case .random(let probability): probability
        case .burst(let toBad, let toGood, let lossInGood, let lossInBad):
            (toGood * lossInGood + toBad * lossInBad) / (toBad + toGood)
        }
    }
}
