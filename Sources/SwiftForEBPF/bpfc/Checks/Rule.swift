// SPDX-License-Identifier: Apache-2.0

/// One thing, or a family of things, that an object for the kernel may not have.
protocol Rule {
    func check(_ program: CheckedProgram) -> [Finding]
}

/// What a rule found. Of the findings of one kind at one place, the first is told.
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

    /// Orders findings by place, drops those that say the same again, and those that follow from another: a line that needs
    /// the runtime needn't hear that the runtime's code traps, nor a program that allocates that it counts references.
    static func report(_ findings: [Finding]) -> [ProgramError] {
        let sorted = findings.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            let leftKey = (a.place.file ?? "", a.place.line, a.kind.rawValue, left.offset)
            let rightKey = (b.place.file ?? "", b.place.line, b.kind.rawValue, right.offset)
            return leftKey < rightKey
        }.map(\.element)
        var told: [Finding] = []
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
            let isTold = told.contains {
                $0.kind == finding.kind && $0.place.file == finding.place.file
                    && ($0.kind == .referenceCount
                        ? $0.place.function == finding.place.function
                        : $0.place.line == finding.place.line && ($0.problem == finding.problem || $0.kind == .runtime))
            }
            if !isTold { told.append(finding) }
        }
        return told.map(\.error)
    }
}
