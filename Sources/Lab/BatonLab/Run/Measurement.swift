// SPDX-License-Identifier: Apache-2.0

import Measurements
import PathEmulator
package import Scenarios

/// One measurement to make; its result is a `Sample`.
package struct Measurement: Sendable {
    package let scenario: Scenario
    package let congestionControl: String
    package let treatment: Treatment
    package let load: Load
    /// 1…
    package let round: Int
    /// The path's random seed; the same for all treatments of a round.
    package let seed: UInt64

    /// The key under which it is stored.
    var key: MeasurementKey {
        MeasurementKey(
            Setting(
                scenario: scenario.name, congestionControl: congestionControl, client: scenario.client, load: load),
            treatment)
    }

    /// Name of the file with the connection's state over time.
    var seriesName: String {
        "\(scenario.name)-\(congestionControl)-\(load)-\(treatment)-\(round)".replacing(" ", with: "_")
    }

    /// Shown while it runs.
    var title: String { "\(scenario.name) \(congestionControl) \(load) \(treatment), round \(round)" }

    /// About how long it takes, in seconds; the remaining time is computed from it.
    var estimatedSeconds: Double {
        let roundTrip = Double(scenario.roundTrip.nanoseconds) / 1e9
        let (bytes, link): (Int64, _) =
            switch load {
            case .body(let size): (size.bytes, scenario.down)
            case .page(let objects, let size): (Int64(objects) * size.bytes, scenario.down)
            case .upload(let size): (size.bytes, scenario.up)
            }
        let transfer = Double(bytes) * 8 / Double(max(link.bitsPerSecond, 1_000_000)) + 10 * roundTrip
        let connections = Double(1 + scenario.following)
        switch scenario.client {
        case .plain:
            let warm = treatment == .warm || treatment == .tcpMetrics ? 4.0 : 1
            let flow = scenario.neighbour == .competingFlow ? CompetingWindow(scenario, load).seconds + 4 : 0
            return warm * connections * transfer + flow + 0.4 + Double(scenario.saved.age?.nanoseconds ?? 0) / 1e9
        case .curl: return connections * transfer + Double(scenario.idleTimeout.nanoseconds) / 1e9 + 4
        case .chromium: return connections * transfer + Double(scenario.idleTimeout.nanoseconds) / 1e9 + 10
        }
    }
}
