// SPDX-License-Identifier: Apache-2.0

/// Only what the instruction set has: no floating point, no 128-bit multiplication or division, and signed division only in
/// its fourth version.
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
            return "uses floating point, which the kernel doesn't have; count in smaller units, as whole numbers"
        }
        switch instruction.opcode {
        case "mul", "udiv", "sdiv", "urem", "srem":
            if words.contains("i128") {
                return "multiplies or divides with 128 bits, which bpf doesn't have; keep to 64 bits and &*"
            }
            if cpu != "v4", instruction.opcode.hasPrefix("s"), !isReciprocal(instruction) {
                return "divides signed numbers, which bpf has only since version 4 (--cpu v4, kernel 6.6); "
                    + "divide unsigned ones"
            }
            return nil
        default: return nil
        }
    }

    /// Whether LLVM divides by multiplying: by a constant, if the product fits 64 bits, or by shifting.
    private func isReciprocal(_ instruction: Instruction) -> Bool {
        guard let divisor = instruction.body.split(separator: " ").last.flatMap({ Int($0) }), divisor != 0 else {
            return false
        }
        return !instruction.words.contains("i64") || divisor.magnitude.nonzeroBitCount == 1
    }
}
