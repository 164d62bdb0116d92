// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// A scenario's path as the emulator is told of it.
struct ScenarioPlan {
    let plan: PathPlan
    /// The state that begins with the cut; nil: the path stays as it was.
    let cutStage: Int?

    init(_ scenario: Scenario) {
        var stages = [PathPlan.Stage(forward: scenario.down, backward: scenario.up)]
        var cut: Int?
        for change in scenario.changes {
            switch change.moment {
            case .cut:
                cut = stages.count
                stages.append(PathPlan.Stage(forward: change.down, backward: change.up))
            case .afterConnect(let time):
                stages.append(
                    PathPlan.Stage(afterStartNanoseconds: time.nanoseconds, forward: change.down, backward: change.up))
            }
        }
        plan = PathPlan(stages: stages)
        cutStage = cut
    }
}
