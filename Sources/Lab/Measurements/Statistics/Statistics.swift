// SPDX-License-Identifier: Apache-2.0

/// Statistics over several runs.
package enum Statistics {
    /// The middle value, or the mean of the two middle values; nil if there are none.
    package static func median(_ values: [Double]) -> Double? {
        percentile(50, of: values)
    }

    /// The value that this many percent (0…100) of the values don't exceed, interpolated linearly between the two
    /// nearest: method 7 of Hyndman and Fan (1996), numpy's default. nil if there are no values.
    package static func percentile(_ percent: Double, of values: [Double]) -> Double? {
        percentile(percent, ofSorted: values.sorted())
    }

    static func percentile(_ percent: Double, ofSorted sorted: [Double]) -> Double? {
        guard let last = sorted.last else { return nil }
        let position = Double(sorted.count - 1) * (percent / 100)
        let index = Int(position)
        guard index + 1 < sorted.count else { return last }
        let share = position - Double(index)
        let (low, high) = (sorted[index], sorted[index + 1])
        return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
    }

    /// Bytes in segments of this size, rounded up.
    package static func segments(bytes: Int64, mss: Int64) -> Int64 {
        bytes / mss + (bytes % mss > 0 ? 1 : 0)
    }
}
