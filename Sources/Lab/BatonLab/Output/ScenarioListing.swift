// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// What `baton-lab list --json` prints. Schema 1.
struct ScenarioListing: Encodable {
    struct Item: Encodable {
        var name: String
        var file: String
        var title: String
        var about: String
        var sets: [String]
        var rtt_ns: Int64
        var down: LinkConfiguration
        var up: LinkConfiguration
        var changes: [Change]
        var udp: String
        var family: Scenario.Family
        var client: Scenario.Client
        var receive_window: Scenario.ReceiveWindow
        var loads: [Load]
        var congestion_controls: [String]
        var treatments: [Treatment]
        var saved: Saved
        var neighbour: Scenario.Neighbour?
        var simultaneous: Int
        var following: Int
        var idle_timeout_ns: Int64
        var rounds: Int
        var measurements: Int
    }

    struct Change: Encodable {
        /// `cut`, or a time after connect().
        var at: String
        var down: LinkConfiguration
        var up: LinkConfiguration
    }

    struct Saved: Encodable {
        var scale: Double
        var age_ns: Int64?
        var lifetime_ns: Int64?
    }

    struct Broken: Encodable {
        var file: String
        var problems: [ScenarioError.Problem]
    }

    var schema = 1
    var scenarios: [Item]
    /// Files that can't be read.
    var broken: [Broken]

    init(scenarios: [Scenario], broken: [ScenarioError], directory: String) {
        self.scenarios = scenarios.map { Item($0, directory: directory) }
        self.broken = broken.map { Broken(file: $0.file, problems: $0.problems) }
    }
}

extension ScenarioListing.Item {
    fileprivate init(_ scenario: Scenario, directory: String) {
        self.init(
            name: scenario.name, file: "\(directory)/\(scenario.name).yaml", title: scenario.title,
            about: scenario.about, sets: scenario.sets, rtt_ns: scenario.roundTrip.nanoseconds, down: scenario.down,
            up: scenario.up,
            changes: scenario.changes.map { .init(at: $0.moment.description, down: $0.down, up: $0.up) },
            udp: scenario.udp.description, family: scenario.family, client: scenario.client,
            receive_window: scenario.receiveWindow, loads: scenario.loads,
            congestion_controls: scenario.congestionControls, treatments: scenario.treatments,
            saved: .init(
                scale: scenario.saved.scale, age_ns: scenario.saved.age?.nanoseconds,
                lifetime_ns: scenario.saved.lifetime?.nanoseconds),
            neighbour: scenario.neighbour, simultaneous: scenario.simultaneous, following: scenario.following,
            idle_timeout_ns: scenario.idleTimeout.nanoseconds, rounds: scenario.rounds,
            measurements: scenario.measurements)
    }
}
