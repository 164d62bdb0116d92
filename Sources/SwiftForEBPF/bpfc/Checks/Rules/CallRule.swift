// SPDX-License-Identifier: Apache-2.0

/// Each call must be of a function of the program, or of one that the kernel offers.
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
            return "calls '\(name)', which is neither in the program nor a function of the kernel"
        case .pointer:
            return
                "calls a function that is only known at run time (a stored closure, or a method of a class or protocol); "
                + "the kernel follows each call, so make the callee generic or @inline(__always)"
        case .address, .assembly, nil: return nil
        }
    }
}
