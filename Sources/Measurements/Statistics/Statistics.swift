// SPDX-License-Identifier: Apache-2.0

/// Figures over several runs.
package enum Statistics {
    /// The middle value; the mean of the two middle ones of an even number; nil of none.
    package static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Bytes in segments of a connection's own size, the last one counted whole.
    package static func segments(bytes: Int64, mss: Int64) -> Int64 {
        bytes / mss + (bytes % mss > 0 ? 1 : 0)
    }
}
