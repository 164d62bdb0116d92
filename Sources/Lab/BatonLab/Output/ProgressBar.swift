// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// A run's progress on standard error: a bar that is redrawn on a terminal, elsewhere a line per measurement.
struct ProgressBar {
    private static let width = 24

    private let isTerminal = isatty(2) == 1
    private let count: Int
    private let estimatedSeconds: Double
    private let begin = MonotonicClock.now()
    private var done = 0
    private var estimatedSecondsDone = 0.0

    /// - Parameter measurements: all that are to be made; the remaining time is computed from their estimates.
    init(_ measurements: [Measurement]) {
        count = measurements.count
        estimatedSeconds = measurements.reduce(0) { $0 + $1.estimatedSeconds }
    }

    /// Shows what is measured next.
    func begin(_ measurement: Measurement) {
        let filled = count == 0 ? Self.width : done * Self.width / count
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        let text = "[\(bar)] \(Text.padded("\(done)", width: "\(count)".count))/\(count)  \(left)  \(measurement.title)"
        Progress.writeToStandardError(isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n")
    }

    /// Counts a measurement as done, however it ended.
    mutating func finish(_ measurement: Measurement) {
        done += 1
        estimatedSecondsDone += measurement.estimatedSeconds
    }

    /// Prints a line that stays.
    func say(_ text: String) {
        Progress.writeToStandardError((isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    }

    /// Clears the bar.
    func end() {
        if isTerminal { Progress.writeToStandardError("\r\u{1B}[K") }
    }

    /// The remaining time: its estimate, corrected by how far off the estimates were so far.
    private var left: String {
        let elapsed = Double(MonotonicClock.now() - begin) / 1e9
        let error = estimatedSecondsDone > 0 ? elapsed / estimatedSecondsDone : 1
        return Self.duration(seconds: (estimatedSeconds - estimatedSecondsDone) * error) + " left"
    }

    /// `7 s`, `3 min 05 s`, `1 h 12 min`.
    static func duration(seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
        return "\(whole / 3600) h \(two(whole / 60 % 60)) min"
    }
}
