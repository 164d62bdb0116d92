// SPDX-License-Identifier: Apache-2.0

/// Nothing may trap: the kernel has no trap to take.
///
/// Swift compiles its checks (overflow, `!`, bounds, …) to a branch to `llvm.trap`, and the optimiser removes those that
/// can't fail. What is left can. The sources must be compiled with checks on (`-O`): `-Ounchecked` assumes that each
/// check holds, so `pointer!` would read address 0 and `precondition` would vanish, without a word.
struct TrapRule: Rule {
    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        for function in program.functions {
            for (index, instruction) in function.instructions.enumerated() {
                let problem: String
                switch (instruction.opcode, instruction.callee) {
                case ("call", .symbol("llvm.trap")), ("call", .symbol("llvm.ubsantrap")):
                    problem = TrapRule.problem(program.debug.runtimeFailure(instruction.location))
                case ("unreachable", _):
                    // After a trap, or a function of the runtime that doesn't return, which has its own error.
                    let before = function.instructions[..<index].last
                    if before?.opcode == "call" { continue }
                    problem = "can get where Swift says it can't; return a value there"
                default: continue
                }
                findings += program.places(of: instruction, in: function).map { Finding(.trap, $0, problem) }
            }
        }
        // The iteration of a range that ends before it begins runs out of bounds too.
        let ranges = findings.filter { $0.problem == TrapRule.problem(TrapRule.range) }.map(\.place)
        return findings.filter { $0.problem != TrapRule.problem(TrapRule.index) || !ranges.contains($0.place) }
    }

    private static let index = "Index out of bounds"
    private static let range = "Range requires lowerBound <= upperBound"

    /// What to write instead of the construct that a trap belongs to.
    ///
    /// - Parameter failure: what Swift calls it in the debug information.
    static func problem(_ failure: String?) -> String {
        guard let failure else { return "can trap, which the kernel can't; check before, and return" }
        let text = failure.lowercased()
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if says("division by zero") {
            return "'/' or '%' can divide by zero, and trap; compare the divisor with 0 first"
        }
        if says("division results in overflow") {
            return "'/' or '%' can overflow, and trap; compare the divisor with -1 first, or divide unsigned numbers"
        }
        if says("overflow") { return "'+', '-', '*' or a negation can overflow, and trap; write &+, &- or &*" }
        if says("found nil") { return "'!' can find nil, and trap; write 'if let', 'guard let' or '??'" }
        if says("out of bounds", "out of range") {
            return "an index can be out of bounds, and trap; compare it with the count first"
        }
        if says("not enough bits", "negative value", "represent") {
            return "the conversion can lose bits, and trap; write init(truncatingIfNeeded:), or compare before"
        }
        if says("lowerbound <= upperbound") {
            return "the range can end before it begins, and trap; compare the bounds first"
        }
        if says("precondition") { return "precondition(_:) can fail, and trap; write 'guard' and return" }
        if says("fatal error") {
            return "can reach a fatal error (fatalError, a failed check), and trap; return instead"
        }
        return "can trap (\(failure)), which the kernel can't; check before, and return"
    }
}
