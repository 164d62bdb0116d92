// SPDX-License-Identifier: Apache-2.0

/// The content of a results file.
package struct RecordedResults: Equatable, Sendable {
    /// The run's, and one for each time that it was resumed, in order.
    package var headers: [RunHeader]
    /// In the order of measurement, including those that don't count.
    package var samples: [Sample]
    /// Remarks about the file for the user; empty if it is intact.
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

    /// How many attempts at a measurement were spoiled.
    package func spoiledAttempts(of key: MeasurementKey, round: Int) -> Int {
        samples.count { $0.round == round && $0.spoiled != nil && $0.key == key }
    }

    /// The results of these scenarios only.
    package func limited(to scenarios: Set<String>) -> RecordedResults {
        var limited = self
        limited.samples.removeAll { !scenarios.contains($0.scenario) }
        for index in headers.indices {
            limited.headers[index].scenarios = headers[index].scenarios.filter { scenarios.contains($0.key) }
        }
        return limited
    }
}
