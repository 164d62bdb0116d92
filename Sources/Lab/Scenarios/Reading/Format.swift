// SPDX-License-Identifier: Apache-2.0

/// How a kind of value is written, and how error messages describe it.
struct Format<Value> {
    /// What it is: `rate`, as in "'fast' is not a rate".
    let noun: String
    /// Completes "expected …": `a rate such as 50Mbit`.
    let expected: String
    /// Completes "expected …" for values that are well-formed but out of range.
    var range = ""
    /// An example of a list of it.
    var listExample = ""
    /// All values, if they are few.
    var names: [String] = []
    let parse: (String) -> Value?
    var permits: (Value) -> Bool = { _ in true }

    /// The values that the author may have meant.
    func nearest(_ text: String) -> String? {
        let nearest = NearestName.of(text, among: names)
        return nearest.isEmpty ? nil : nearest.alternatives
    }

    /// One of a few words.
    static func words(_ noun: String, _ names: [String], parse: @escaping (String) -> Value?) -> Format {
        Format(
            noun: noun, expected: names.alternatives, listExample: "[\(names.joined(separator: ", "))]", names: names,
            parse: parse)
    }
}

extension Format where Value: CaseIterable & RawRepresentable<String> {
    /// One of an enumeration's values.
    static func one(_ noun: String) -> Format {
        words(noun, Value.allCases.map(\.rawValue)) { Value(rawValue: $0) }
    }
}

extension Format where Value == TimeSpan {
    static func time(within range: ClosedRange<Int64>, _ words: String, such example: String) -> Format {
        Format(
            noun: "time", expected: "a time such as \(example)", range: words, parse: TimeSpan.init,
            permits: { range.contains($0.nanoseconds) })
    }
}

extension Format where Value == Int {
    static func count(_ range: ClosedRange<Int>) -> Format {
        let words = "a whole number within \(range.lowerBound)…\(range.upperBound)"
        return Format(noun: "whole number", expected: words, range: words, parse: { Int($0) }, permits: range.contains)
    }
}

extension Format where Value == String {
    static var title: Format {
        Format(
            noun: "title", expected: "a one-line title", range: "one line of at most 72 characters", parse: { $0 },
            permits: { $0.count <= 72 && !$0.contains { $0.isNewline } })
    }

    static var about: Format { Format(noun: "text", expected: "why it is measured, and what to expect", parse: { $0 }) }

    static var set: Format {
        Format(noun: "name of a set", expected: "a name such as readme", listExample: "[readme, quick]") {
            Catalogue.isName($0) ? $0 : nil
        }
    }

    static var congestionControl: Format {
        words("congestion control", ["cubic", "reno", "bbr"]) { ["cubic", "reno", "bbr"].contains($0) ? $0 : nil }
    }
}

extension Format where Value == Double {
    static var scale: Format {
        Format(
            noun: "number", expected: "a number such as 10 or 0.5", range: "a number within 0.01…100",
            parse: { Double($0) },
            permits: { (0.01...100).contains($0) })
    }
}

extension Format where Value == Load {
    static var load: Format {
        Format(
            noun: "load",
            expected: "a size within 1B…1GiB such as 100kB, 'page 30 x 20kB' (1…1000 objects) or 'upload 1MB'",
            listExample: "[100kB, 1MB]", parse: { Load($0) })
    }
}

extension Format where Value == Treatment {
    static var treatment: Format {
        Format(
            noun: "treatment", expected: Treatment.alternatives, listExample: "[stock, careful, bound]",
            names: Treatment.names, parse: { Treatment($0) })
    }
}

extension Format where Value == Scenario.UDPOutage {
    static var udpOutage: Format {
        Format(
            noun: "UDP outage", expected: "drop, reject or, for example, 'throttle 256kbit' (8kbit…10Gbit)",
            names: ["drop", "reject"], parse: { Scenario.UDPOutage($0) })
    }
}

extension Format where Value == Scenario.Moment {
    static var moment: Format {
        Format(
            noun: "moment", expected: "cut, or a time after connect() within 1ms…10m such as 2s",
            parse: { Scenario.Moment($0) })
    }
}

// Within the bounds of PathEmulator's LinkConfiguration.
extension Format where Value == BitRate {
    static var rate: Format {
        Format(
            noun: "rate", expected: "a rate such as 50Mbit", range: "8kbit…100Gbit", parse: { BitRate($0) },
            permits: { (8_000...100_000_000_000).contains($0.bitsPerSecond) })
    }
}

extension Format where Value == QueueSize {
    static var queue: Format {
        Format(
            noun: "size of a queue", expected: "bandwidth-delay products or bytes, such as 1bdp or 64KiB",
            parse: { QueueSize($0) })
    }
}

extension Format where Value == Probability {
    static var probability: Format {
        Format(noun: "share", expected: "a share of 0…1 or 0…100%, such as 0.5%", parse: { Probability($0) })
    }

    /// The probability of leaving a state: with 0 the state would never be left.
    static var transition: Format {
        Format(
            noun: "share", expected: "a share above 0, up to 1 or 100%, such as 0.5%", range: "a share above 0",
            parse: { Probability($0) }, permits: { $0.value > 0 })
    }
}

extension Format where Value == TimeSpan {
    static var roundTrip: Format { time(within: 0...60_000_000_000, "0…60s", such: "30ms") }
    static var delay: Format { time(within: 0...60_000_000_000, "0…60s", such: "15ms") }
    static var jitter: Format { time(within: 0...10_000_000_000, "0…10s", such: "3ms") }
}
