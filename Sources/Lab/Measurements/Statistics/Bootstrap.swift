// SPDX-License-Identifier: Apache-2.0

import PathEmulator

/// A 95 % confidence interval.
package struct Interval: Equatable, Sendable {
    package var lower: Double
    package var upper: Double

    package init(_ lower: Double, _ upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Whether a value is within the interval, ends included.
    package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// 95 % confidence intervals by the percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
/// chapter 13): 2000 resamples of the same size, drawn with replacement; the interval reaches from the 2.5th to the
/// 97.5th percentile of their figures. The random seed is fixed: the same samples give the same interval.
///
/// Fewer than 6 values have no interval: even the range from the least to the greatest of 5 covers the true median in
/// only 94 % of all cases (1 − 2⁻⁴).
package enum Bootstrap {
    /// Number of resamples.
    package static let resamples = 2000
    /// The fewest values that have an interval.
    package static let fewest = 6

    /// The interval of the median; nil with fewer than ``fewest`` values.
    package static func median(_ values: [Double], seed: UInt64 = 1) -> Interval? {
        guard values.count >= fewest else { return nil }
        var medians = MedianResampler(values, seed: seed)
        return interval((0..<resamples).map { _ in medians.next() })
    }

    /// The interval of median(numerators) / median(denominators), each resampled by itself; nil if either has fewer
    /// than ``fewest`` values, or a denominator is not above zero.
    package static func ratioOfMedians(
        _ numerators: [Double], to denominators: [Double], seed: UInt64 = 1
    ) -> Interval? {
        guard numerators.count >= fewest, denominators.count >= fewest, denominators.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        var above = MedianResampler(numerators, seed: seed)
        var below = MedianResampler(denominators, seed: ~seed)
        return interval((0..<resamples).map { _ in above.next() / below.next() })
    }

    private static func interval(_ figures: [Double]) -> Interval? {
        let sorted = figures.sorted()
        guard let lower = Statistics.percentile(2.5, ofSorted: sorted),
            let upper = Statistics.percentile(97.5, ofSorted: sorted)
        else { return nil }
        return Interval(lower, upper)
    }
}

/// Draws resamples and computes the median of each. It counts how often each value was drawn, which saves sorting.
private struct MedianResampler {
    private let sorted: [Double]
    private var counts: [Int]
    private var generator: RandomSequence

    init(_ values: [Double], seed: UInt64) {
        sorted = values.sorted()
        counts = Array(repeating: 0, count: values.count)
        generator = RandomSequence(seed: seed)
    }

    mutating func next() -> Double {
        for index in counts.indices {
            counts[index] = 0
        }
        for _ in counts.indices {
            counts[generator.index(below: counts.count)] += 1
        }
        let upper = value(at: counts.count / 2)
        return counts.count % 2 == 1 ? upper : (value(at: counts.count / 2 - 1) + upper) / 2
    }

    /// The value at this place of the sorted resample.
    private func value(at place: Int) -> Double {
        var seen = 0
        for index in counts.indices {
            seen += counts[index]
            if seen > place { return sorted[index] }
        }
        return sorted[sorted.count - 1]
    }
}

extension RandomSequence {
    /// A number of 0..<count. Its bias, below count / 2⁶⁴, does not matter here.
    fileprivate mutating func index(below count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }
}
