// SPDX-License-Identifier: Apache-2.0

import HTTP3
import Testing

@Suite struct CarriedBytesTests {
    @Test("the most within one round trip counts")
    func most() {
        var carried = CarriedBytes()
        carried.update(at: 1000, roundTrip: 100)
        carried.acknowledge(500)
        carried.update(at: 1050, roundTrip: 100)
        #expect(carried.most == 0)
        carried.acknowledge(300)
        carried.update(at: 1100, roundTrip: 100)
        #expect(carried.most == 800)
        carried.acknowledge(100)
        carried.update(at: 1200, roundTrip: 100)
        #expect(carried.most == 800)
    }

    @Test("a pause doesn't make a round trip of its own")
    func pause() {
        var carried = CarriedBytes()
        carried.update(at: 0, roundTrip: 100)
        carried.acknowledge(1000)
        carried.update(at: 10_000, roundTrip: 100)
        #expect(carried.most == 10)
    }

    @Test("nothing is known before the first RTT")
    func noRoundTrip() {
        var carried = CarriedBytes()
        carried.update(at: 0, roundTrip: 0)
        carried.acknowledge(1000)
        carried.update(at: 10_000, roundTrip: 0)
        #expect(carried.most == 0)
    }
}
