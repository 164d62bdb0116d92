// SPDX-License-Identifier: Apache-2.0

import Measurements
import Testing

@Suite struct StatisticsTests {
    // [float(numpy.percentile([413.2, 415.9, 411.7, 820.3, 1484.0, 1490.25, 413.2], p)) for p in …], numpy 2.4.6
    @Test(
        "percentiles are numpy's",
        arguments: [
            (0, 411.7), (2.5, 411.925), (25, 413.2), (50, 415.9), (75, 1152.15), (95, 1488.375), (97.5, 1489.3125),
            (100, 1490.25),
        ])
    func percentiles(percent: Double, value: Double) {
        let values = [413.2, 415.9, 411.7, 820.3, 1484.0, 1490.25, 413.2]
        #expect(Statistics.percentile(percent, of: values) == value)
    }

    // numpy.percentile([3.0, 1.0, 4.0, 1.5], p)
    @Test(arguments: [(5, 1.075), (50, 2.25), (95, 3.8499999999999996)])
    func percentilesOfFew(percent: Double, value: Double) {
        #expect(Statistics.percentile(percent, of: [3.0, 1.0, 4.0, 1.5]) == value)
    }

    @Test func medians() {
        #expect(Statistics.median([]) == nil)
        #expect(Statistics.median([7]) == 7)
        #expect(Statistics.median([9, 1, 4]) == 4)
        #expect(Statistics.median([9, 1, 4, 6]) == 5)
        #expect(Statistics.percentile(95, of: []) == nil)
    }

    @Test func segments() {
        #expect(Statistics.segments(bytes: 14_480, mss: 1448) == 10)
        #expect(Statistics.segments(bytes: 14_481, mss: 1448) == 11)
        #expect(Statistics.segments(bytes: 0, mss: 1448) == 0)
    }
}
