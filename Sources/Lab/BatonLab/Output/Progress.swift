// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// Progress on standard error: a line per step, with the time since the start.
enum Progress {
    private static let start = MonotonicClock.now()

    /// Starts the clock.
    static func begin() {
        _ = start
    }

    /// Prints one line.
    static func say(_ text: String) {
        let seconds = Double(MonotonicClock.now() - start) / 1e9
        writeToStandardError("[\(Text.decimal(seconds, digits: 1, width: 6)) s] \(text)\n")
    }

    /// Writes text as it is.
    static func writeToStandardError(_ text: String) {
        _ = text.withCString { write(2, $0, strlen($0)) }
    }
}

/// Numbers as text.
enum Text {
    /// A number with this many decimals, right-aligned.
    static func decimal(_ value: Double, digits: Int, width: Int = 0) -> String {
        var scale = 1.0
        for _ in 0..<digits {
            scale *= 10
        }
        let scaled = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        var text = "\(sign)\(scaled / Int64(scale))"
        if digits > 0 {
            let fraction = "\(scaled % Int64(scale))"
            text += "." + String(repeating: "0", count: digits - fraction.count) + fraction
        }
        return padded(text, width: width)
    }

    /// A whole number with thousands separators: 1,234,567.
    static func grouped(_ value: Int64) -> String {
        var digits = String(abs(value))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// Right-aligned text.
    static func padded(_ text: String, width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// A terminal as output.
enum Terminal {
    /// Characters in a line, at least 40; nil if the descriptor is not a terminal.
    static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        // a terminal that does not know its size reports 0
        return size.ws_col == 0 ? 80 : max(40, Int(size.ws_col))
    }
}
