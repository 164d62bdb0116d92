// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Turns the messages of clang's bpf backend into errors that name the program's own line.
///
/// This is the last safety net: what `ProgramCheck` refuses never reaches the backend.
struct BackendMessages {
    let index: PlaceIndex

    /// - Parameter source: the program that clang compiled, as `ProgramCheck` saw it.
    init(_ source: CheckedProgram) { index = PlaceIndex(source) }

    /// - Parameter error: the error of running clang.
    /// - Returns: errors with places in the program; `error` itself if its text isn't understood.
    func explain(_ error: BPFCError) -> BPFCError {
        guard case .toolFailed(_, _, let output) = error else { return error }
        let findings = Finding.report(self.findings(output))
        return findings.isEmpty ? error : .programs(findings)
    }

    private func findings(_ output: String) -> [Finding] {
        let lines = output.split(separator: "\n")
        var findings: [Finding] = []
        for (number, line) in lines.enumerated() {
            // error: FILE:LINE:COLUMN: in function NAME TYPE: MESSAGE
            if line.hasPrefix("error: "), let start = line.range(of: ": in function ") {
                let rest = line[start.upperBound...]
                let symbol = String(rest.prefix { $0 != " " })
                guard let end = rest.range(of: "): ") else { continue }
                let problem = "clang can't generate code: \(rest[end.upperBound...])"
                findings.append(Finding(.call, place(line[..<start.lowerBound], symbol), problem))
            }
            // fatal error: error in backend: Cannot select: … FILE:LINE:COLUMN
            // A later line reads: In function: NAME
            if let start = line.range(of: "error in backend: "), findings.isEmpty {
                let symbol = lines[number...].first { $0.hasPrefix("In function: ") }?.dropFirst(13)
                let what = line[start.upperBound...].split(separator: " = ").last.map { $0.prefix { $0 != "<" } } ?? ""
                let problem = "clang can't generate code: the backend has no instruction for \(what)"
                findings.append(Finding(.call, place(line, symbol.map(String.init) ?? ""), problem))
            }
        }
        return findings
    }

    /// The place that a text names as `FILE:LINE:COLUMN`; without one, the function's declaration.
    private func place(_ text: Substring, _ symbol: String) -> CheckedProgram.Place {
        for word in text.split(whereSeparator: { " ,".contains($0) }) {
            let parts = word.split(separator: ":")
            if parts.count >= 3, let line = Int(parts[1]), let column = Int(parts[2]), line > 0,
                let place = index.place(.init(file: String(parts[0]), line: line, column: column), in: symbol)
            {
                return place
            }
        }
        return index.declaration(symbol)
    }
}
