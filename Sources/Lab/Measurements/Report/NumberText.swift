// SPDX-License-Identifier: Apache-2.0

/// Numbers as they appear in tables.
enum NumberText {
    /// A number with this many decimals.
    static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let scale = (0..<digits).reduce(Int64(1)) { product, _ in product * 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = "\(scaled % scale)"
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// Milliseconds: from 100 without decimals, below with one.
    static func milliseconds(_ value: Double?) -> String {
        value.map { decimal($0, digits: abs($0) < 99.95 ? 1 : 0) } ?? absent
    }

    /// Nanoseconds as milliseconds.
    static func milliseconds(nanoseconds: Double?) -> String { milliseconds(nanoseconds.map { $0 / 1e6 }) }

    /// A count, which may end in .5 if it is a median.
    static func count(_ value: Double?) -> String {
        value.map { decimal($0, digits: $0 == $0.rounded() ? 0 : 1) } ?? absent
    }

    /// `0.52`.
    static func ratio(_ ratio: Ratio?) -> String { ratio.map { decimal($0.value, digits: 2) } ?? absent }

    /// `0.50…0.55`.
    static func interval(_ interval: Interval?) -> String {
        interval.map { "\(decimal($0.lower, digits: 2))…\(decimal($0.upper, digits: 2))" } ?? absent
    }

    /// How much a ratio is above (+) or below (-) 1, in percent.
    static func percent(_ ratio: Ratio?) -> String {
        guard let ratio else { return absent }
        let percent = (ratio.value - 1) * 100
        return (percent > 0 ? "+" : "") + decimal(percent, digits: 1) + " %"
    }

    /// Shown where there is no value.
    static let absent = "–"
}
