// SPDX-License-Identifier: Apache-2.0

/// Two results directories, measurement by measurement: the same scenarios on another kernel, with another version, or
/// measured twice.
package struct ResultsComparison: Sendable {
    /// A measurement that both have.
    package struct Row: Sendable {
        package let key: MeasurementKey
        package let first: Figures
        package let second: Figures
        /// The second as a multiple of the first.
        package let ratio: Ratio

        /// They differ by more than 3 %, and by more than chance.
        package var differs: Bool { abs(ratio.value - 1) > 0.03 && ratio.isCertain }
    }

    /// How the two runs themselves differ, one line each: kernel, versions, scenarios.
    package let circumstances: [String]
    /// In the order of the first.
    package let rows: [Row]
    /// Measured in only one of the two.
    package let onlyInFirst: [MeasurementKey]
    package let onlyInSecond: [MeasurementKey]

    package init(_ first: RecordedResults, _ second: RecordedResults) {
        circumstances = Self.circumstances(first, second)
        let (before, after) = (Self.figures(first), Self.figures(second))
        rows = before.compactMap { key, figures in
            guard let other = after.first(where: { $0.key == key })?.figures, let ratio = Ratio(other, to: figures)
            else { return nil }
            return Row(key: key, first: figures, second: other, ratio: ratio)
        }
        let (keys, otherKeys) = (Set(before.map(\.key)), Set(after.map(\.key)))
        onlyInFirst = before.map(\.key).filter { !otherKeys.contains($0) }
        onlyInSecond = after.map(\.key).filter { !keys.contains($0) }
    }

    private static func figures(_ results: RecordedResults) -> [(key: MeasurementKey, figures: Figures)] {
        Analysis(results).settings.flatMap { setting in
            setting.treatments.compactMap { treatment in
                treatment.lastByte.map { (MeasurementKey(setting.setting, treatment.treatment), $0) }
            }
        }
    }

    private static func circumstances(_ first: RecordedResults, _ second: RecordedResults) -> [String] {
        var differences: [String] = []
        func compare(_ what: String, _ value: (RunHeader) -> String?) {
            let (before, after) = (values(first, value), values(second, value))
            if before != after { differences.append("\(what): \(before) in A, \(after) in B") }
        }
        compare("kernel", \.kernelRelease)
        compare("processors") { "\($0.processors)" }
        compare("time") { $0.virtualTime ? "virtual" : "real" }
        for program in Set((first.headers + second.headers).flatMap(\.versions.keys)).sorted() {
            compare("version of \(program)") { $0.versions[program] }
        }
        compare("seed") { "\($0.seed)" }
        let sources = [first, second].map { results in
            results.headers.reduce(into: [String: String]()) { $0.merge($1.scenarios) { $1 } }
        }
        for name in sources[0].keys.sorted() where sources[1][name].map({ $0 != sources[0][name] }) ?? false {
            differences.append("scenario \(name): its file differs")
        }
        return differences
    }

    private static func values(_ results: RecordedResults, _ value: (RunHeader) -> String?) -> String {
        let values = Set(results.headers.compactMap(value)).sorted()
        return values.isEmpty ? "unknown" : values.joined(separator: " and ")
    }
}
