// SPDX-License-Identifier: Apache-2.0

/// Numbers with a unit as people write them: `1.5s`, `50Mbit`, `1MiB`. Decimals are exact, never through floating point.
enum Quantity {
    static let durations: [(unit: String, factor: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ]
    static let rates: [(unit: String, factor: Int64)] = [
        ("bit", 1), ("kbit", 1_000), ("Mbit", 1_000_000), ("Gbit", 1_000_000_000),
    ]
    static let sizes: [(unit: String, factor: Int64)] = [
        ("", 1), ("B", 1), ("kB", 1_000), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    /// The value of `text` in the base unit; nil if it is malformed, negative, or not a whole number of base units.
    static func parse(_ text: String, units: [(unit: String, factor: Int64)]) -> Int64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let factor = units.first(where: { $0.unit == text.dropFirst(number.count) })?.factor else { return nil }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty, parts.count == 1 || !parts[1].isEmpty, number.count <= 18 else {
            return nil
        }
        guard let digits = Int64(parts.joined()) else { return nil }
        let scale = parts.count == 2 ? (0..<parts[1].count).reduce(Int64(1)) { product, _ in product * 10 } : 1
        let (product, overflow) = digits.multipliedReportingOverflow(by: factor)
        guard !overflow, product % scale == 0 else { return nil }
        return product / scale
    }
}
