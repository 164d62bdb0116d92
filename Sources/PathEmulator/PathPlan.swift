// SPDX-License-Identifier: Apache-2.0

/// What a path is at first, and what it becomes.
package struct PathPlan: Codable, Equatable, Sendable {
    /// One state of the path.
    package struct Stage: Codable, Equatable, Sendable {
        /// When it begins, in nanoseconds after `start`; nil: when it is told to.
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

    /// At least one; the first is the path as it begins.
    package var stages: [Stage]

    package init(stages: [Stage]) {
        self.stages = stages
    }
}
