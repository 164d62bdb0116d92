// SPDX-License-Identifier: Apache-2.0

/// A rule that programs for the kernel must follow.
protocol Rule {
    func check(_ program: CheckedProgram) -> [Finding]
}

/// A violation of a rule. If several findings of one kind have the same place, only the first is reported.
struct Finding {
    enum Kind: Int {
        case contents, name, runtime, referenceCount, call, recursion, signature, arithmetic, atomic, copy, trap
        case stack, context
    }

    var kind: Kind
    var place: CheckedProgram.Place
    var problem: String

    init(_ kind: Kind, _ place: CheckedProgram.Place, _ problem: String) {
        self.kind = kind
        self.place = place
        self.problem = problem
    }

    var error: ProgramError { ProgramError(function: place.function, location: place.location, problem: problem) }

    /// Orders findings by place and drops duplicates. It also drops findings that follow from another one: for a line
    /// that needs Swift's runtime it doesn't report that the runtime's code traps, and for a program that allocates
    /// memory it doesn't report reference counting.
    static func report(_ findings: [Finding]) -> [ProgramError] {
        let sorted = findings.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            let leftKey = (a.place.file ?? "", a.place.line, a.kind.rawValue, left.offset)
            let rightKey = (b.place.file ?? "", b.place.line, b.kind.rawValue, right.offset)
            return leftKey < rightKey
        }.map(\.element)
        var reported: [Finding] = []
        for finding in sorted {
            let follows = findings.contains { other in
                guard other.kind == .runtime else { return false }
                let isSameLine = other.place.file == finding.place.file && other.place.line == finding.place.line
                return switch finding.kind {
                case .referenceCount: true
                case .signature: isSameLine || other.place.function == finding.place.function
                case .trap, .call, .recursion, .arithmetic, .atomic, .copy: isSameLine
                default: false
                }
            }
            if follows { continue }
            let isReported = reported.contains {
                $0.kind == finding.kind && $0.place.file == finding.place.file
                    && ($0.kind == .referenceCount
                        ? $0.place.function == finding.place.function
                        : $0.place.line == finding.place.line && ($0.problem == finding.problem || $0.kind == .runtime))
            }
            if !isReported { reported.append(finding) }
        }
        return reported.map(\.error)
    }
}
