// SPDX-License-Identifier: Apache-2.0

/// Atomic operations must be those that eBPF has: on 32 and 64 bits, without minimum and maximum, and without loads and
/// stores before version 4.
///
/// One case is compiled wrongly: for a relaxed `add`, `sub`, `and`, `or` or `xor` LLVM's bpf backend generates the
/// instruction that returns nothing, and the result is whatever the register contained before. So a program must not
/// use the result of a relaxed operation.
struct AtomicRule: Rule {
    /// `v1` to `v4`.
    let cpu: String

    private static let operations: Set<Substring> = ["add", "sub", "and", "or", "xor"]

    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                guard let problem = problem(instruction, in: function) else { continue }
                findings += program.places(of: instruction, in: function).map { Finding(.atomic, $0, problem) }
            }
        }
        return findings
    }

    private func problem(_ instruction: Instruction, in function: CheckedProgram.Function) -> String? {
        let words = instruction.words
        switch instruction.opcode {
        case "load", "store":
            guard words.contains("atomic") else { return nil }
            let isRelaxed = words.contains("monotonic") || words.contains("unordered")
            if cpu == "v4", isRelaxed || !words.contains("seq_cst") { return nil }
            let other =
                instruction.opcode == "load"
                ? "wrappingAdd(0, ordering: .sequentiallyConsistent)" : "exchange(_:ordering:)"
            return "uses an atomic \(instruction.opcode), which eBPF \(cpu) doesn't have; use \(other)"
        case "atomicrmw", "cmpxchg":
            if words.contains("i8") || words.contains("i16") {
                return "uses an atomic operation on fewer than 32 bits, which eBPF doesn't have; use UInt32 or UInt64"
            }
            guard instruction.opcode == "atomicrmw", let operation = words.first(where: isOperation) else { return nil }
            if operation != "xchg", !AtomicRule.operations.contains(operation) {
                return "uses an atomic '\(operation)', which eBPF doesn't have; "
                    + "use compareExchange in a loop with a bound"
            }
            guard operation != "xchg", words.contains("monotonic"), let result = instruction.result,
                function.instructions.contains(where: { $0.uses(result) })
            else { return nil }
            return "uses the result of a relaxed atomic operation, for which LLVM generates wrong code; "
                + "use the ordering .sequentiallyConsistent"
        default: return nil
        }
    }

    /// The word after `atomicrmw` and `volatile`.
    private func isOperation(_ word: Substring) -> Bool { !["atomicrmw", "volatile", "tail"].contains(word) }
}
