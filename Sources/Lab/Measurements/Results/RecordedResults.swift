// SPDX-License-Identifier: Apache-2.0

/// What a results file holds.
package struct RecordedResults: Equatable, Sendable {
    /// A run's, and one for each time that it was resumed, in their order.
    package var headers: [RunHeader]
    /// In the order in which they were measured, those that don't count included.
    package var samples: [Sample]
    /// What there is to tell a reader about the file; empty if it is whole.
    package var remarks: [String]

    package init(headers: [RunHeader] = [], samples: [Sample] = [], remarks: [String] = []) {
        self.headers = headers
        self.samples = samples
        self.remarks = remarks
    }

    /// Whether a measurement is done: it has a sample that counts.
    package func contains(_ key: MeasurementKey, round: Int) -> Bool {
        samples.contains { $0.round == round && $0.spoiled == nil && $0.key == key }
    }

    /// How often a measurement was tried and spoiled.
    package func spoiledAttempts(of key: MeasurementKey, round: Int) -> Int {
        samples.count { $0.round == round && $0.spoiled != nil && $0.key == key }
    }

    /// These scenarios alone.
    package func limited(to scenarios: Set<String>) -> RecordedResults {
        var limited = self
        limited.samples.removeAll { !scenarios.contains($0.scenario) }
        for index in headers.indices {
            limited.headers[index].scenarios = headers[index].scenarios.filter { scenarios.contains($0.key) }
        }
        return limited
    }
}
