// SPDX-License-Identifier: Apache-2.0

/// A program may call only its own functions and those that the kernel offers.
struct CallRule: Rule {
    func check(_ program: CheckedProgram) -> [Finding] {
        let kernelFunctions = program.module.declarations.filter { $0.text.contains("section \".ksyms\"") }.map(
            \.symbol)
        let known = program.definedSymbols.union(kernelFunctions)
        var findings: [Finding] = []
        for function in program.functions {
            for instruction in function.instructions {
                guard let problem = CallRule.problem(instruction.callee, known, program) else { continue }
                findings += program.places(of: instruction, in: function).map { Finding(.call, $0, problem) }
            }
        }
        return findings
    }

    private static func problem(
        _ callee: Instruction.Callee?, _ known: Set<String>, _ program: CheckedProgram
    ) -> String? {
        switch callee {
        case .symbol(let symbol):
            if known.contains(symbol) || symbol.hasPrefix("llvm.") || RuntimeRule.isRuntime(symbol) { return nil }
            let name = program.debug.sourceName(ofSymbol: symbol) ?? SwiftSymbol.name(symbol) ?? symbol
            return "calls '\(name)', which is neither part of the program nor a kernel function"
        case .pointer:
            return
                "calls a function that is known only at run time (a stored closure, a method of a class or protocol); "
                + "the verifier must know each callee, so make the function generic or @inline(__always)"
        case .address, .assembly, nil: return nil
        }
    }
}
