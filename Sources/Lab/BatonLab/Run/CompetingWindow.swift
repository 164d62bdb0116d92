// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// How long a competing flow is watched: the same for all treatments, and longer than the slowest of them should take. Over
/// spans of its own each treatment's share would look smaller the longer it takes.
struct CompetingWindow {
    let seconds: Double

    init(_ scenario: Scenario, _ load: Load) {
        let bytes: Int64 =
            switch load {
            case .body(let size), .upload(let size): size.bytes
            case .page(let objects, let size): Int64(objects) * size.bytes
            }
        // half the rate is the measured connection's, in the long run
        let transfer = Double(bytes) * 8 / (Double(scenario.down.bitsPerSecond) / 2)
        seconds = 3 + 30 * Double(scenario.roundTrip.nanoseconds) / 1e9 + 2 * transfer
    }
}
