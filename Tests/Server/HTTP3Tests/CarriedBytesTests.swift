// SPDX-License-Identifier: Apache-2.0

import HTTP3
import Testing

@Suite struct CarriedBytesTests {
    @Test("the most within one of the last three round trips counts")
    func most() {
        var carried = CarriedBytes()
        carried.update(at: 1000, roundTrip: 100)
        carried.acknowledge(500)
        carried.update(at: 1050, roundTrip: 100)
        #expect(carried.most(minimumRoundTrip: 0) == 0)
        carried.acknowledge(300)
        carried.update(at: 1100, roundTrip: 100)
        #expect(carried.most(minimumRoundTrip: 0) == 800)
        for time: UInt64 in [1200, 1300] {
            carried.acknowledge(100)
            carried.update(at: time, roundTrip: 100)
            #expect(carried.most(minimumRoundTrip: 0) == 800)
        }
        carried.acknowledge(100)
        carried.update(at: 1400, roundTrip: 100)
        #expect(carried.most(minimumRoundTrip: 0) == 100)
        // It has carried 8 bytes per nanosecond once, which is more over 50 ns.
        #expect(carried.most(minimumRoundTrip: 50) == 400)
    }

    @Test("the bytes of a longer round count in proportion")
    func pause() {
        var carried = CarriedBytes()
        carried.update(at: 0, roundTrip: 100)
        carried.acknowledge(1000)
        carried.update(at: 10_000, roundTrip: 100)
        #expect(carried.most(minimumRoundTrip: 0) == 10)
    }

    @Test("nothing is known before the first RTT")
    func noRoundTrip() {
        var carried = CarriedBytes()
        carried.update(at: 0, roundTrip: 0)
        carried.acknowledge(1000)
        carried.update(at: 10_000, roundTrip: 0)
        #expect(carried.most(minimumRoundTrip: 0) == 0)
    }
}
