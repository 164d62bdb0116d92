// SPDX-License-Identifier: Apache-2.0

import Scenarios

/// A comparison as JSON. Schema 1.
package struct ComparisonRecord: Encodable, Sendable {
    let schema = 1
    let circumstances: [String]
    let measurements: [Row]
    let onlyInA: [Key]
    let onlyInB: [Key]

    struct Key: Encodable {
        let scenario: String
        let load: Load
        let congestionControl: String
        let client: Scenario.Client
        let treatment: Treatment

        init(_ key: MeasurementKey) {
            scenario = key.setting.scenario
            load = key.setting.load
            congestionControl = key.setting.congestionControl
            client = key.setting.client
            treatment = key.treatment
        }

        enum CodingKeys: String, CodingKey {
            case scenario
            case load
            case congestionControl = "congestion_control"
            case client
            case treatment
        }
    }

    struct Row: Encodable {
        let measurement: Key
        let countA: Int
        let countB: Int
        let medianA: Double
        let medianB: Double
        let ratio: Double
        let ratioLower: Double?
        let ratioUpper: Double?
        let differs: Bool

        enum CodingKeys: String, CodingKey {
            case measurement
            case countA = "a_samples"
            case countB = "b_samples"
            case medianA = "a_median_ms"
            case medianB = "b_median_ms"
            case ratio = "b_to_a"
            case ratioLower = "b_to_a_lower"
            case ratioUpper = "b_to_a_upper"
            case differs
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema
        case circumstances
        case measurements
        case onlyInA = "only_in_a"
        case onlyInB = "only_in_b"
    }

    package init(_ comparison: ResultsComparison) {
        circumstances = comparison.circumstances
        measurements = comparison.rows.map { row in
            Row(
                measurement: Key(row.key), countA: row.first.values.count, countB: row.second.values.count,
                medianA: row.first.median, medianB: row.second.median, ratio: row.ratio.value,
                ratioLower: row.ratio.interval?.lower, ratioUpper: row.ratio.interval?.upper, differs: row.differs)
        }
        onlyInA = comparison.onlyInFirst.map(Key.init)
        onlyInB = comparison.onlyInSecond.map(Key.init)
    }
}
