// SPDX-License-Identifier: Apache-2.0

/// A summary of several values.
package struct Figures: Equatable, Sendable {
    package let values: [Double]
    package let minimum: Double
    package let median: Double
    package let percentile95: Double

    /// nil if there are no values.
    package init?(_ values: [Double]) {
        guard let minimum = values.min(), let median = Statistics.median(values),
            let percentile95 = Statistics.percentile(95, of: values)
        else { return nil }
        self.values = values
        self.minimum = minimum
        self.median = median
        self.percentile95 = percentile95
    }
}

/// One median as a multiple of another.
package struct Ratio: Equatable, Sendable {
    package let value: Double
    /// The 95 % confidence interval; nil with fewer than ``Bootstrap/fewest`` values on either side.
    package let interval: Interval?

    /// nil unless the denominators' median is above zero.
    package init?(_ numerators: Figures, to denominators: Figures) {
        guard denominators.median > 0 else { return nil }
        value = numerators.median / denominators.median
        interval = Bootstrap.ratioOfMedians(numerators.values, to: denominators.values)
    }

    /// nil also if either argument is nil.
    init?(_ numerators: Figures?, to denominators: Figures?) {
        guard let numerators, let denominators else { return nil }
        self.init(numerators, to: denominators)
    }

    /// Above 1 by more than chance (the whole interval is), or by more than 2 %.
    package var isAboveOne: Bool { (interval.map { $0.lower > 1 } ?? false) || value > 1.02 }

    /// Below 1 by more than chance (the whole interval is), or by more than 2 %.
    package var isBelowOne: Bool { (interval.map { $0.upper < 1 } ?? false) || value < 0.98 }

    /// Whether the interval excludes 1: the two differ by more than chance.
    package var isCertain: Bool { interval.map { !$0.contains(1) } ?? false }
}
