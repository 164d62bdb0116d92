// SPDX-License-Identifier: Apache-2.0

/// A program must not trap: the kernel can't handle a trap.
///
/// Swift compiles its checks (overflow, `!`, bounds, …) to a branch to `llvm.trap`, and the optimiser removes the
/// checks that can't fail. The remaining ones can. The sources must be compiled with checks on (`-O`): `-Ounchecked`
/// assumes that each check succeeds, so `pointer!` would silently read address 0, and `precondition` would vanish.
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
                    // After a trap or a runtime function that doesn't return. Both have their own error.
                    let before = function.instructions[..<index].last
                    if before?.opcode == "call" { continue }
                    problem = "can reach code that Swift considers unreachable; return a value there"
                default: continue
                }
                findings += program.places(of: instruction, in: function).map { Finding(.trap, $0, problem) }
            }
        }
        // Iterating over a range that ends before it begins also gives an out-of-bounds finding.
        let ranges = findings.filter { $0.problem == TrapRule.problem(TrapRule.range) }.map(\.place)
        return findings.filter { $0.problem != TrapRule.problem(TrapRule.index) || !ranges.contains($0.place) }
    }

    private static let index = "Index out of bounds"
    private static let range = "Range requires lowerBound <= upperBound"

    /// The message for a trap, with what to write instead.
    ///
    /// - Parameter failure: the reason in Swift's debug information.
    static func problem(_ failure: String?) -> String {
        guard let failure else {
            return "can trap, which the kernel can't handle; check the condition first, and return"
        }
        let text = failure.lowercased()
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if says("division by zero") {
            return "'/' or '%' can divide by zero and trap; compare the divisor with 0 first"
        }
        if says("division results in overflow") {
            return "'/' or '%' can overflow and trap; compare the divisor with -1 first, or divide unsigned integers"
        }
        if says("overflow") { return "'+', '-', '*' or a negation can overflow and trap; use &+, &- or &*" }
        if says("found nil") { return "'!' can find nil and trap; use 'if let', 'guard let' or '??'" }
        if says("out of bounds", "out of range") {
            return "an index can be out of bounds and trap; compare it with the count first"
        }
        if says("not enough bits", "negative value", "represent") {
            return "the conversion can lose bits and trap; use init(truncatingIfNeeded:), or compare the value first"
        }
        if says("lowerbound <= upperbound") {
            return "the range can end before it begins and trap; compare the bounds first"
        }
        if says("precondition") { return "precondition(_:) can fail and trap; use 'guard' and return" }
        if says("fatal error") {
            return "can reach a fatal error (fatalError, a failed check) and trap; return instead"
        }
        return "can trap (\(failure)), which the kernel can't handle; check the condition first, and return"
    }
}
