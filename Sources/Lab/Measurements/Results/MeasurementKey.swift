// SPDX-License-Identifier: Apache-2.0

package import Scenarios

/// Everything that identifies a measurement except the treatment. Treatments are compared within a setting.
package struct Setting: Hashable, Sendable {
    package var scenario: String
    /// The server's: `cubic`, `reno`, `bbr`.
    package var congestionControl: String
    package var client: Scenario.Client
    package var load: Load

    package init(scenario: String, congestionControl: String, client: Scenario.Client, load: Load) {
        self.scenario = scenario
        self.congestionControl = congestionControl
        self.client = client
        self.load = load
    }
}

/// A measurement, which is repeated in each round.
package struct MeasurementKey: Hashable, Sendable {
    package var setting: Setting
    package var treatment: Treatment

    package init(_ setting: Setting, _ treatment: Treatment) {
        self.setting = setting
        self.treatment = treatment
    }
}

extension Sample {
    /// The measurement, whatever the round.
    package var key: MeasurementKey {
        MeasurementKey(
            Setting(scenario: scenario, congestionControl: congestionControl, client: client, load: load), treatment)
    }
}
