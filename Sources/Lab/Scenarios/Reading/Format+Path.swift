// SPDX-License-Identifier: Apache-2.0

// Within the bounds of PathEmulator's LinkConfiguration.
extension Format where Value == BitRate {
    static var rate: Format {
        Format(
            noun: "rate", expected: "such as 50Mbit", range: "8kbit…100Gbit", parse: { BitRate($0) },
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
        Format(noun: "share", expected: "0…1 or 0…100%, such as 0.5%", parse: { Probability($0) })
    }

    /// Of leaving a state: with 0 it is never left.
    static var transition: Format {
        Format(
            noun: "share", expected: "above 0, up to 1 or 100%, such as 0.5%", range: "a share above 0",
            parse: { Probability($0) }, permits: { $0.value > 0 })
    }
}

extension Format where Value == TimeSpan {
    static var roundTrip: Format { time(within: 0...60_000_000_000, "0…60s", such: "30ms") }
    static var delay: Format { time(within: 0...60_000_000_000, "0…60s", such: "15ms") }
    static var jitter: Format { time(within: 0...10_000_000_000, "0…10s", such: "3ms") }
}
