// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct LinkConfigurationTests {
    private let link = LinkConfiguration(bitsPerSecond: 50_000_000, delayNanoseconds: 50_000_000, queueBytes: 625_000)

    @Test("what cannot be emulated is refused by name")
    func objections() {
        func objection(_ change: (inout LinkConfiguration) -> Void) -> String {
            var changed = link
            change(&changed)
            return changed.objection ?? ""
        }
        #expect(link.objection == nil)
        #expect(objection { $0.bitsPerSecond = -1 }.contains("rate -1"))
        #expect(objection { $0.delayNanoseconds = 61_000_000_000 }.contains("delay"))
        #expect(objection { $0.queueBytes = 1499 }.contains("queue of 1499"))
        #expect(objection { $0.loss = .random(probability: 1.5) }.contains("loss 1.5"))
        #expect(objection { $0.loss = .random(probability: .nan) }.contains("loss"))
    }

    @Test("what is in flight is the queue and the line")
    func inFlight() {
        #expect(link.bytesInFlight == 625_000 + 312_500)
        var jittery = link
        jittery.jitterNanoseconds = 50_000_000
        #expect(jittery.bytesInFlight == 625_000 + 625_000)
    }
}
