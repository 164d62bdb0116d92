// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Memory is copied and filled by single loads and stores, so the size must be constant and small.
struct CopyRule: Rule {
    /// The most stores that LLVM's bpf backend unrolls a copy into.
    static let stores = 128

    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                guard case .symbol(let callee)? = instruction.callee, let problem = problem(callee, instruction) else {
                    continue
                }
                findings += program.places(of: instruction, in: function).map { Finding(.copy, $0, problem) }
            }
        }
        return findings
    }

    private func problem(_ callee: String, _ instruction: Instruction) -> String? {
        let isFill = callee.hasPrefix("llvm.memset.")
        guard isFill || callee.hasPrefix("llvm.memcpy.") || callee.hasPrefix("llvm.memmove."),
            instruction.arguments.count > 2
        else { return nil }
        let verb = isFill ? "fills" : "copies"
        guard let bytes = instruction.arguments[2].split(separator: " ").last.flatMap({ Int($0) }) else {
            return "\(verb) a number of bytes that is known only at run time; use a loop with a bound"
        }
        let alignments = instruction.arguments[..<(isFill ? 1 : 2)].map { number(after: "align ", in: String($0)) ?? 1 }
        let unit = min(alignments.min() ?? 1, 8)
        guard (bytes + unit - 1) / unit > CopyRule.stores else { return nil }
        return "\(verb) \(bytes) bytes at once, but the limit at an alignment of \(unit) is \(CopyRule.stores * unit); "
            + "use a loop over smaller parts"
    }
}
