// SPDX-License-Identifier: Apache-2.0

/// The result of a relaxed atomic operation can't be used: for `monotonic`, LLVM's bpf backend generates the instruction
/// that returns nothing, and the result is whatever the register held.
struct AtomicRule: Rule {
    private static let affected: Set<Substring> = ["add", "sub", "and", "or", "xor"]

    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions where instruction.opcode == "atomicrmw" {
                let words = instruction.words
                guard words.contains("monotonic"), words.contains(where: AtomicRule.affected.contains),
                    let result = instruction.result, function.instructions.contains(where: { $0.uses(result) })
                else { continue }
                let problem =
                    "uses the result of a relaxed atomic operation, for which LLVM generates wrong code; "
                    + "order it .sequentiallyConsistent"
                findings += program.places(of: instruction, in: function).map { Finding(.atomic, $0, problem) }
            }
        }
        return findings
    }
}
