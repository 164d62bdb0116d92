// SPDX-License-Identifier: Apache-2.0

/// A span of time as people write it: `100ms`, `5s`, `250us`.
package struct TimeSpan: Hashable, Sendable, LosslessStringConvertible {
    /// Nanoseconds.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package init?(_ text: String) {
        guard text == "0" || Quantity.parse(text, units: Quantity.durations) != nil else { return nil }
        nanoseconds = Quantity.parse(text, units: Quantity.durations) ?? 0
    }

    package var description: String { Self.text(nanoseconds, units: Quantity.durations.dropLast()) }

    static func text(_ value: Int64, units: some BidirectionalCollection<(unit: String, factor: Int64)>) -> String {
        let unit = units.last { value >= $0.factor && value % $0.factor == 0 } ?? units.first ?? ("", 1)
        return "\(value / unit.factor)\(unit.unit)"
    }
}

/// A rate as people write it: `50Mbit`, `1.5Gbit` (per second, powers of ten, as tc(8) writes them).
package struct BitRate: Hashable, Sendable, LosslessStringConvertible {
    /// Bits per second.
    package let bitsPerSecond: Int64

    package init(bitsPerSecond: Int64) {
        self.bitsPerSecond = bitsPerSecond
    }

    package init?(_ text: String) {
        guard let value = Quantity.parse(text, units: Quantity.rates) else { return nil }
        bitsPerSecond = value
    }

    package var description: String { TimeSpan.text(bitsPerSecond, units: Quantity.rates) }
}

/// A size as people write it: `5MB`, `1MiB`, `625000`.
package struct ByteCount: Hashable, Sendable, LosslessStringConvertible {
    /// Bytes.
    package let bytes: Int64

    package init(bytes: Int64) {
        self.bytes = bytes
    }

    package init?(_ text: String) {
        guard let value = Quantity.parse(text, units: Quantity.sizes) else { return nil }
        bytes = value
    }

    package var description: String {
        TimeSpan.text(bytes, units: Quantity.sizes.filter { $0.unit != "KB" })
    }
}

/// The size of a queue: bytes, or a multiple of the path's bandwidth-delay product (`1bdp`, `0.5bdp`).
package enum QueueSize: Hashable, Sendable, LosslessStringConvertible {
    case bytes(Int64)
    /// In thousandths of a bandwidth-delay product.
    case bandwidthDelayProducts(thousandths: Int64)

    package init?(_ text: String) {
        if text.hasSuffix("bdp") {
            guard let value = Quantity.parse(text, units: [("bdp", 1000)]) else { return nil }
            self = .bandwidthDelayProducts(thousandths: value)
        } else {
            guard let size = ByteCount(text) else { return nil }
            self = .bytes(size.bytes)
        }
    }

    package var description: String {
        switch self {
        case .bytes(let bytes): ByteCount(bytes: bytes).description
        case .bandwidthDelayProducts(let thousandths):
            thousandths % 1000 == 0 ? "\(thousandths / 1000)bdp" : "\(Double(thousandths) / 1000)bdp"
        }
    }

    /// In bytes, on a path of this rate and round-trip time.
    package func bytes(rate: BitRate, roundTrip: TimeSpan) -> Int64 {
        switch self {
        case .bytes(let bytes): return bytes
        case .bandwidthDelayProducts(let thousandths):
            let product = Int128(rate.bitsPerSecond) * Int128(roundTrip.nanoseconds) * Int128(thousandths)
            return Int64(clamping: product / (8 * 1_000_000_000 * 1000))
        }
    }
}

/// A share as people write it: `0.01` or `1%`.
package struct Probability: Hashable, Sendable, LosslessStringConvertible {
    /// 0…1.
    package let value: Double

    package init(value: Double) {
        self.value = value
    }

    package init?(_ text: String) {
        let percent = text.hasSuffix("%")
        guard let number = Double(percent ? String(text.dropLast()) : text) else { return nil }
        let value = percent ? number / 100 : number
        guard (0...1).contains(value) else { return nil }
        self.value = value
    }

    package var description: String { value == 0 ? "0" : "\(value)" }
}

/// Numbers with a unit as people write them: `1.5s`, `50Mbit`, `1MiB`. Decimals are exact, never through floating
/// point.
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
