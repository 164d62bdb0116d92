// SPDX-License-Identifier: Apache-2.0

/// A path's first state and its later ones.
package struct PathPlan: Codable, Equatable, Sendable {
    /// One state of the path.
    package struct Stage: Codable, Equatable, Sendable {
        /// When it begins, in nanoseconds after `start`; nil: on request.
        package var afterStartNanoseconds: Int64?
        /// From the first device to the second.
        package var forward: LinkConfiguration
        /// From the second device to the first.
        package var backward: LinkConfiguration

        package init(afterStartNanoseconds: Int64? = nil, forward: LinkConfiguration, backward: LinkConfiguration) {
            self.afterStartNanoseconds = afterStartNanoseconds
            self.forward = forward
            self.backward = backward
        }

        enum CodingKeys: String, CodingKey {
            case afterStartNanoseconds = "after_start_ns"
            case forward
            case backward
        }
    }

    /// At least one; the first is the path's state at the beginning.
    package var stages: [Stage]

    package init(stages: [Stage]) {
        self.stages = stages
    }

    /// Why this cannot be emulated, naming the stage and the value; nil if it can.
    package var objection: String? {
        guard !stages.isEmpty else { return "a plan has at least one stage, the path's first state" }
        for (index, stage) in stages.enumerated() {
            if let moment = stage.afterStartNanoseconds, !(0...86_400_000_000_000).contains(moment) {
                return "stage \(index): \(moment) ns after the start is not within 0…1 day"
            }
            for (way, link) in [("forward", stage.forward), ("backward", stage.backward)] {
                if let objection = link.objection {
                    return "stage \(index), \(way): \(objection)"
                }
            }
        }
        return nil
    }
}
