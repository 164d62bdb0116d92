// SPDX-License-Identifier: Apache-2.0

import BatonLab
import PathEmulator
import Testing

@Suite struct PlanArgumentTests {
    private let link = #"{"rate_bits_per_second":8,"delay_ns":2,"queue_bytes":1500,"loss":{"none":{}},"jitter_ns":0}"#

    private func message(_ plan: String) -> String {
        do {
            return "\(try PlanArgument.parse(plan))"
        } catch {
            return "\(error)"
        }
    }

    @Test("a plan is read, and a stage without a moment begins when told")
    func parse() throws {
        let plan = try PlanArgument.parse(
            #"{"stages":[{"forward":\#(link),"backward":\#(link)},"#
                + #"{"after_start_ns":7,"forward":\#(link),"backward":\#(link)}]}"#)
        #expect(plan.stages.map(\.afterStartNanoseconds) == [nil, 7])
        #expect(plan.stages[1].backward.delayNanoseconds == 2)
        #expect(plan.stages[0].forward.loss == .none)
    }

    @Test("what is wrong is named by its place")
    func objections() {
        #expect(message("{") == "it is not JSON")
        #expect(message("{}") == "stages is missing")
        #expect(message(#"{"stages":[{"forward":\#(link)}]}"#) == "stages[0].backward is missing")
        let text = link.replacing(#""delay_ns":2"#, with: #""delay_ns":"2""#)
        #expect(
            message(#"{"stages":[{"forward":\#(link),"backward":\#(text)}]}"#)
                == "stages[0].backward.delay_ns is not of type Int64")
    }
}
