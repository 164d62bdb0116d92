// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import PathEmulator
import Testing

@Suite struct StageScheduleTests {
    private static let plan = PathPlan(
        stages: [nil, 3_000, nil, 1_000].map {
            PathPlan.Stage(afterStartNanoseconds: $0, forward: line(), backward: line())
        })

    @Test("timed stages begin at their moments after the start, in the order of those, once")
    func timed() {
        var schedule = StageSchedule(Self.plan)
        #expect(schedule.nextMoment == nil)
        #expect(schedule.enterNext(by: .max) == nil)
        schedule.start(at: 50_000)
        #expect(schedule.nextMoment == 51_000)
        #expect(schedule.enterNext(by: 50_999) == nil)
        #expect(schedule.current == 0)
        let first = schedule.enterNext(by: 60_000)
        #expect(first?.stage == 3 && first?.moment == 51_000)
        let second = schedule.enterNext(by: 60_000)
        #expect(second?.stage == 1 && second?.moment == 53_000)
        #expect(schedule.enterNext(by: 60_000) == nil)
        #expect(schedule.current == 1)
    }

    @Test("beginning again forgets the start; a stage that is told of does not")
    func begin() {
        var schedule = StageSchedule(Self.plan)
        schedule.start(at: 0)
        schedule.enter(2)
        #expect(schedule.current == 2)
        #expect(schedule.nextMoment == 1_000)
        _ = schedule.enterNext(by: 1_000)
        schedule.begin()
        #expect(schedule.current == 0)
        #expect(schedule.nextMoment == nil)
        schedule.start(at: 7_000)
        #expect(schedule.nextMoment == 8_000)
    }

    @Test("a plan comes back from JSON as it was")
    func coding() throws {
        var plan = Self.plan
        plan.stages[1].forward.loss = .burst(toBad: 0.01, toGood: 0.25, lossInGood: 0, lossInBad: 1)
        plan.stages[2].backward.loss = .random(probability: 0.5)
        let data = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(PathPlan.self, from: data) == plan)
        #expect(String(decoding: data, as: UTF8.self).contains(#""after_start_ns":3000"#))
    }

    @Test("what cannot be emulated is refused by stage and name")
    func objections() {
        #expect(Self.plan.objection == nil)
        #expect(PathPlan(stages: []).objection?.contains("at least one stage") == true)
        var plan = Self.plan
        plan.stages[3].backward.delayNanoseconds = -1
        #expect(plan.objection?.contains("stage 3, backward: delay -1") == true)
        plan = Self.plan
        plan.stages[1].afterStartNanoseconds = -5
        #expect(plan.objection?.contains("stage 1: -5 ns") == true)
    }
}
