// SPDX-License-Identifier: Apache-2.0

/// Which stage of a plan the path is in, and when the next one begins.
package struct StageSchedule: Sendable {
    private let timed: [(afterStart: Int64, stage: Int)]
    private var startedAt: Int64?
    private var begun = 0
    /// The stage that the path is in.
    package private(set) var current = 0

    package init(_ plan: PathPlan) {
        timed = plan.stages.enumerated()
            .compactMap { index, stage in stage.afterStartNanoseconds.map { ($0, index) } }
            .sorted { $0.0 < $1.0 }
    }

    /// Returns to the first stage. Timed stages wait for the next start.
    package mutating func begin() {
        (startedAt, begun, current) = (nil, 0, 0)
    }

    /// Timed stages count from `now` (ns). A second start times all of them again.
    package mutating func start(at now: Int64) {
        (startedAt, begun) = (now, 0)
    }

    /// Enters a stage at once. Later timed stages still begin at their times.
    package mutating func enter(_ stage: Int) {
        current = stage
    }

    /// When the next timed stage begins (ns); nil if there is none.
    @inline(__always)
    package var nextMoment: Int64? {
        guard let startedAt, begun < timed.count else { return nil }
        return startedAt + timed[begun].afterStart
    }

    /// Enters the next timed stage if its moment has come. Call it until it returns nil.
    package mutating func enterNext(by now: Int64) -> (stage: Int, moment: Int64)? {
        guard let moment = nextMoment, moment <= now else { return nil }
        current = timed[begun].stage
        begun += 1
        return (current, moment)
    }
}
