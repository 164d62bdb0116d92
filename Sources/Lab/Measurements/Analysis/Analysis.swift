// SPDX-License-Identifier: Apache-2.0

package import Scenarios

/// The figures of all treatments in one setting.
package struct SettingFigures: Equatable, Sendable {
    package let setting: Setting
    /// Stock first, the bounds last.
    package let treatments: [TreatmentFigures]

    init(_ setting: Setting, _ samples: [Sample]) {
        self.setting = setting
        treatments = Dictionary(grouping: samples, by: \.treatment)
            .map { TreatmentFigures($0, $1) }
            .sorted { $0.treatment.rank < $1.treatment.rank }
    }

    package subscript(_ treatment: Treatment) -> TreatmentFigures? { treatments.first { $0.treatment == treatment } }

    /// One treatment's median time to the last byte as a multiple of another's; nil unless both have samples that
    /// count.
    package func ratio(of treatment: Treatment, to other: Treatment) -> Ratio? {
        guard let above = self[treatment]?.lastByte, let below = self[other]?.lastByte else { return nil }
        return Ratio(above, to: below)
    }
}

/// Results by setting, in the order in which they were first measured.
package struct Analysis: Sendable {
    package let results: RecordedResults
    package let settings: [SettingFigures]

    package init(_ results: RecordedResults) {
        self.results = results
        var order: [Setting] = []
        var samples: [Setting: [Sample]] = [:]
        for sample in results.samples {
            if samples[sample.key.setting] == nil { order.append(sample.key.setting) }
            samples[sample.key.setting, default: []].append(sample)
        }
        settings = order.map { SettingFigures($0, samples[$0] ?? []) }
    }

    /// The scenarios' names, in the order of the settings.
    package var scenarios: [String] {
        settings.map(\.setting.scenario).reduce(into: []) { names, name in
            if !names.contains(name) { names.append(name) }
        }
    }
}
