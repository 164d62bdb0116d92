// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Memory is copied and filled by single loads and stores: their number must be a constant, and small.
struct CopyRule: Rule {
    /// What LLVM's bpf backend unrolls at most.
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
            return "\(verb) a number of bytes that is only known at run time; write a loop with a bound"
        }
        let alignments = instruction.arguments[..<(isFill ? 1 : 2)].map { number(after: "align ", in: String($0)) ?? 1 }
        let unit = min(alignments.min() ?? 1, 8)
        guard (bytes + unit - 1) / unit > CopyRule.stores else { return nil }
        return "\(verb) \(bytes) bytes at once, aligned to \(unit); at most \(CopyRule.stores * unit) can be; "
            + "write a loop over parts"
    }
}
