// SPDX-License-Identifier: Apache-2.0

/// Why the kernel's verifier refused a program: one line to read, and the complete log.
///
/// It reads the logs of Linux 5.10 to 7.3. Kernels before 6.9 print only the text of a source line, later ones its file
/// and number too. From 7.3 on the log contains an explanation.
public struct VerifierError: Sendable, Equatable, CustomStringConvertible {
    /// The program's name.
    public var program: String
    /// The file of the source line; `nil` if the kernel doesn't print it.
    public var file: String?
    /// The number of the source line; `nil` if the kernel doesn't print it.
    public var line: Int?
    /// The text of the source line; `nil` if the object has no line information.
    public var source: String?
    /// The reason, in the kernel's words.
    public var reason: String
    /// The kernel's suggestion (from Linux 7.3 on).
    public var suggestion: String?
    /// The complete log.
    public var log: String

    /// Reads a log.
    ///
    /// - Returns: `nil` if the log is empty, or doesn't end with an error.
    public init?(program: String, log: String) {
        self.program = program
        self.log = log
        var reader = VerifierLogReader()
        for line in log.split(separator: "\n", omittingEmptySubsequences: false) {
            if !reader.read(line) { break }
        }
        guard let reason = reader.explanation ?? reader.complaint else { return nil }
        self.reason = reason
        suggestion = reader.suggestion
        guard let place = reader.place else { return }
        source = String(place.text)
        guard let location = place.location, let colon = location.lastIndex(of: ":") else { return }
        file = String(location[..<colon])
        line = Int(location[location.index(after: colon)...])
    }

    /// `Resume.swift:34: R1 invalid mem access 'scalar'`; without file and line: `at 'source text': R1 …`.
    public var description: String {
        if let file, let line { return "\(file):\(line): \(reason)" }
        if let source { return "at '\(source)': \(reason)" }
        return reason
    }
}

/// Reads the verifier's log line by line.
private struct VerifierLogReader {
    /// `source text @ File.swift:12`, or without the place in kernels before 6.9.
    struct Place {
        var text: Substring
        var location: Substring?

        init(_ line: Substring) {
            let at = line.range(ofLast: " @ ")
            text = line[..<(at?.lowerBound ?? line.endIndex)]
            location = at.map { line[$0.upperBound...] }
        }

        /// Whether the line is in a C header, so that it was inlined into the Swift line before it.
        var isInlinedC: Bool { location?.split(separator: ":").first?.hasSuffix(".h") ?? false }
    }

    /// The last source line in Swift; if there is none, the last source line.
    private(set) var place: Place?
    /// The last line that is neither part of the trace nor statistics.
    private(set) var complaint: String?
    /// The text under `Reason:`, as one line.
    private(set) var explanation: String?
    /// The text under `Suggestion:`, as one line.
    private(set) var suggestion: String?

    private enum Part { case trace, reason, suggestion, other }
    private var part = Part.trace

    /// - Returns: whether more may follow.
    mutating func read(_ line: Substring) -> Bool {
        for statistics in ["processed ", "verification time ", "stack depth "] where line.hasPrefix(statistics) {
            return false
        }
        switch line {
        case "Reason:": part = .reason
        case "Suggestion:": part = .suggestion
        case "At:", "Causal path:": part = .other
        default: readContent(line)
        }
        return true
    }

    private mutating func readContent(_ line: Substring) {
        let text = line.drop { $0 == " " }
        guard !text.isEmpty else { return }
        switch part {
        case .reason: explanation = explanation.map { "\($0) \(text)" } ?? String(text)
        case .suggestion: suggestion = suggestion.map { "\($0) \(text)" } ?? String(text)
        case .other: break
        case .trace:
            if line.hasPrefix("; ") {
                let next = Place(line.dropFirst(2))
                if place == nil || !next.isInlinedC { place = next }
            } else if !isTrace(text) {
                complaint = String(line)
            }
        }
    }

    /// Whether a line is part of the trace: instructions and register states (`12: (85) call …`, `R1=ctx() …`,
    /// `from 3 to 9: …`, `mark_precise: …`), and lines that libbpf adds around the log.
    private func isTrace(_ line: Substring) -> Bool {
        let starts = [
            "from ", "mark_precise", "func#", "arg#", "last_idx ", "parent ", "regs=", "-- ", "cur state: ",
            "old state: ",
        ]
        for start in starts where line.hasPrefix(start) { return true }
        if line.hasPrefix("Live regs") || line.hasPrefix("Verification failed:") { return true }
        if line.hasPrefix("R") && line.contains("=") { return true }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && line.dropFirst(digits.count).first == ":"
    }
}

extension Substring {
    /// The range of the last occurrence of a short text.
    fileprivate func range(ofLast pattern: String) -> Range<Index>? {
        var found: Range<Index>?
        var index = startIndex
        while index < endIndex {
            let rest = self[index...]
            if rest.hasPrefix(pattern) { found = index..<self.index(index, offsetBy: pattern.count) }
            index = self.index(after: index)
        }
        return found
    }
}
