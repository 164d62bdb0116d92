// SPDX-License-Identifier: Apache-2.0

/// Reads the verifier's log.
package enum VerifierLog {
    /// The line that says why, with the source line that it concerns: `Resume.swift:34: R1 invalid mem access 'scalar'`.
    ///
    /// - Returns: `nil` if the log is empty or doesn't end in a refusal.
    package static func summary(of log: String) -> String? {
        var place: Substring?
        var reason: Substring?
        for line in log.split(separator: "\n") {
            if line.hasPrefix("processed ") || line.hasPrefix("verification time ") || line.hasPrefix("stack depth ") {
                break
            }
            if line.hasPrefix("; ") {
                // `; source text @ File.swift:12`; kernels before 6.9 give the text alone.
                place = line.dropFirst(2)
            } else if !isTrace(line) {
                reason = line
            }
        }
        guard let reason else { return nil }
        guard let place else { return String(reason) }
        if let at = place.lastIndex(of: "@") {
            let location = place[place.index(after: at)...].drop { $0 == " " }
            return "\(location): \(reason)"
        }
        return "at '\(place)': \(reason)"
    }

    /// Instructions and register states: `12: (85) call …`, `R1=ctx() …`, `from 3 to 9: …`, `mark_precise: …`.
    private static func isTrace(_ line: Substring) -> Bool {
        if line.hasPrefix("from ") || line.hasPrefix("mark_precise") || line.hasPrefix("func#") { return true }
        if line.hasPrefix("R") && line.contains("=") { return true }
        let digits = line.prefix { $0.isNumber }
        return !digits.isEmpty && line.dropFirst(digits.count).first == ":"
    }
}
