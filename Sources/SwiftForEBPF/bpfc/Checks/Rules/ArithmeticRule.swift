// SPDX-License-Identifier: Apache-2.0

/// Arithmetic must be what the instruction set offers: no floating point, no 128-bit multiplication or division, and
/// signed division only in version 4.
struct ArithmeticRule: Rule {
    /// `v1` to `v4`.
    let cpu: String

    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                guard let problem = problem(instruction) else { continue }
                findings += program.places(of: instruction, in: function).map { Finding(.arithmetic, $0, problem) }
            }
        }
        return findings
    }

    private func problem(_ instruction: Instruction) -> String? {
        let words = instruction.words
        if words.contains(where: { ["float", "double", "half", "fp128"].contains($0) }) {
            return "uses floating point, which eBPF doesn't have; use integers in a smaller unit"
        }
        switch instruction.opcode {
        case "mul", "udiv", "sdiv", "urem", "srem":
            if words.contains("i128") {
                return "multiplies or divides 128-bit integers, which eBPF doesn't support; use 64 bits and &*"
            }
            if cpu != "v4", instruction.opcode.hasPrefix("s"), !isReciprocal(instruction) {
                return "divides signed integers, which eBPF supports only from instruction set v4 "
                    + "(--cpu v4, Linux 6.6); divide unsigned integers"
            }
            return nil
        default: return nil
        }
    }

    /// Whether LLVM replaces the division: by a multiplication if the divisor is a constant and the product fits 64
    /// bits, or by a shift.
    private func isReciprocal(_ instruction: Instruction) -> Bool {
        guard let divisor = instruction.body.split(separator: " ").last.flatMap({ Int($0) }), divisor != 0 else {
            return false
        }
        return !instruction.words.contains("i64") || divisor.magnitude.nonzeroBitCount == 1
    }
}
