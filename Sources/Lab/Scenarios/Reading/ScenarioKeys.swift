// SPDX-License-Identifier: Apache-2.0

/// The keys of a section of a scenario file.
protocol SectionKeys: RawRepresentable<String>, CaseIterable, Sendable {}

/// The keys that a scenario file can have, by section. Scenarios/schema.json has the same keys, for editors.
package enum ScenarioKeys {
    package enum Root: String, CaseIterable, SectionKeys {
        case title
        case about
        case sets
        case path
        case changes
        case udp
        case family
        case client
        case receiveWindow = "receive-window"
        case load
        case congestionControl = "congestion-control"
        case treatments
        case saved
        case neighbour
        case simultaneous
        case following
        case idleTimeout = "idle-timeout"
        case rounds
    }

    package enum Path: String, CaseIterable, SectionKeys {
        case rtt
        case down
        case up
    }

    /// One direction of the path, or what changes in it.
    package enum Link: String, CaseIterable, SectionKeys {
        case rate
        case queue
        case delay
        case jitter
        case loss
        case burst
    }

    package enum Burst: String, CaseIterable, SectionKeys {
        case toBad = "to-bad"
        case toGood = "to-good"
        case lostInGood = "lost-in-good"
        case lostInBad = "lost-in-bad"
    }

    package enum Change: String, CaseIterable, SectionKeys {
        case at
        case rtt
        case down
        case up
    }

    package enum Saved: String, CaseIterable, SectionKeys {
        case scale
        case age
        case lifetime
    }
}
