// SPDX-License-Identifier: Apache-2.0

extension Scenario.UDPOutage: LosslessStringConvertible {
    /// Its spelling in scenarios: `drop`, `reject`, `throttle 256kbit`.
    package var description: String {
        switch self {
        case .drop: "drop"
        case .reject: "reject"
        case .throttle(let rate): "throttle \(rate)"
        }
    }

    /// - Returns: nil also for a throttle to a rate that is not within 8 kbit/s…10 Gbit/s.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        switch (words.first, words.count) {
        case ("drop", 1): self = .drop
        case ("reject", 1): self = .reject
        case ("throttle", 2):
            guard let rate = BitRate(String(words[1])), (8_000...10_000_000_000).contains(rate.bitsPerSecond) else {
                return nil
            }
            self = .throttle(rate)
        default: return nil
        }
    }
}

extension Scenario.Moment: LosslessStringConvertible {
    /// Its spelling in scenarios: `cut`, or the time since connect(): `2s`.
    package var description: String {
        switch self {
        case .cut: "cut"
        case .afterConnect(let time): time.description
        }
    }

    /// - Returns: nil also for times that are not within 1 ms…10 min.
    package init?(_ text: String) {
        if text == "cut" {
            self = .cut
            return
        }
        guard let time = TimeSpan(text), (1_000_000...600_000_000_000).contains(time.nanoseconds) else { return nil }
        self = .afterConnect(time)
    }
}
