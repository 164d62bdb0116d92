// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The duration in nanoseconds; 0 for a negative duration, `UInt64.max` for one that is too long.
    public var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole &+ UInt64(attoseconds / 1_000_000_000)
    }

    /// A duration of so many nanoseconds.
    public init(nanoseconds: UInt64) {
        self.init(
            secondsComponent: Int64(nanoseconds / 1_000_000_000),
            attosecondsComponent: Int64(nanoseconds % 1_000_000_000) * 1_000_000_000)
    }

    /// Reads `250ms`, `1.5s`, `2m`, `1h`, `1d`, `100us`; a bare number is in `bareUnit`.
    ///
    /// - Returns: `nil` if `text` is no duration, or a negative one.
    public init?(text: String, bareUnit: String = "s") {
        let units: [(String, Double)] = [
            ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("ns", 1), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9),
        ]
        guard let value = Quantity.parse(text, units: units, bareUnit: bareUnit) else { return nil }
        self.init(nanoseconds: value)
    }

    /// `250ms`, `60s`, `1.5s`: three significant digits, in the largest of s, ms, us and ns that gives at least 1.
    public var text: String {
        let value = Double(nanoseconds)
        let (unit, scale): (String, Double) =
            switch value {
            case 1e9...: ("s", 1e9)
            case 1e6...: ("ms", 1e6)
            case 1e3...: ("us", 1e3)
            default: ("ns", 1)
            }
        return Quantity.text(value / scale) + unit
    }
}

/// Reads and writes sizes in bytes with a unit.
public enum ByteCount {
    /// Reads `1MiB`, `64KiB`, `1.5MB`, `400000`, `400000B`.
    ///
    /// - Returns: `nil` if `text` is no size, or a negative one.
    public static func parse(_ text: String) -> UInt64? {
        let units: [(String, Double)] = [
            ("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1024), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3),
            ("KB", 1e3), ("G", 1_073_741_824), ("M", 1_048_576), ("K", 1024), ("B", 1),
        ]
        return Quantity.parse(text, units: units, bareUnit: "B")
    }

    /// `1.2MB`, `64kB`, `900B`: three significant digits in decimal units, as for throughput.
    public static func text(_ bytes: UInt64) -> String {
        switch bytes {
        case 1_000_000_000...: Quantity.text(Double(bytes) / 1e9) + "GB"
        case 1_000_000...: Quantity.text(Double(bytes) / 1e6) + "MB"
        case 1000...: Quantity.text(Double(bytes) / 1e3) + "kB"
        default: "\(bytes)B"
        }
    }
}

enum Quantity {
    static func parse(_ text: String, units: [(name: String, scale: Double)], bareUnit: String) -> UInt64? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = text.dropFirst(digits.count)
        let unit = suffix.isEmpty ? Substring(bareUnit) : suffix
        guard let scale = units.first(where: { $0.name == unit })?.scale else { return nil }
        // A whole number stays exact beyond the 53 bits of a Double.
        if let whole = UInt64(digits) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: UInt64(scale))
            return overflow ? nil : product
        }
        guard digits.contains(where: \.isNumber), let number = Double(digits) else { return nil }
        let value = (number * scale).rounded()
        return value < 18e18 ? UInt64(value) : nil
    }

    /// Three significant digits, no trailing zeros.
    static func text(_ value: Double) -> String {
        let decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2
        let factor = decimals == 0 ? 1.0 : decimals == 1 ? 10.0 : 100.0
        let scaled = (value * factor).rounded()
        let whole = UInt64(scaled / factor)
        let fraction = UInt64(scaled) % UInt64(factor)
        guard fraction != 0 else { return "\(whole)" }
        var digits = String(fraction)
        digits = String(repeating: "0", count: decimals - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
