// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Refuses what the kernel would refuse, or what would run wrongly there, naming the Swift function, file and line.
struct ProgramCheck {
    let module: IRModule
    let debug: DebugInformation

    func run() throws(BPFCError) {
        var errors: [ProgramError] = []
        if !module.functions.contains(where: { $0.section.map(IRModule.isProgramSection) ?? false }) {
            errors.append(
                ProgramError(
                    problem: #"no program: give a function @c(NAME) and @section("…"), for instance "sockops""#))
        }
        if !module.globals.contains(where: { $0.section == "license" }) {
            errors.append(
                ProgramError(problem: #"no license: the kernel wants one in @section("license"), as constant bytes"#))
        }
        for function in module.functions { errors += check(function) }
        guard errors.isEmpty else { throw .programs(errors) }
    }

    private func check(_ function: IRModule.Function) -> [ProgramError] {
        var errors: [ProgramError] = []
        let name = debug.name(ofSubprogram: function.subprogram) ?? function.symbol
        let kernelFunctions = module.declarations.filter { $0.text.contains("section \".ksyms\"") }.map(\.symbol)
        let defined = Set(module.functions.map(\.symbol) + kernelFunctions)
        func add(_ problem: String, _ line: Substring) {
            let place =
                debug.location(number(after: "!dbg !", in: String(line)))
                ?? debug.declaration(ofSubprogram: function.subprogram)
            let error = ProgramError(function: name, location: place, problem: problem)
            if !errors.contains(where: { $0.description == error.description }) { errors.append(error) }
        }
        for line in function.text.split(separator: "\n") {
            if line.contains("@llvm.trap") || line.contains("@llvm.ubsantrap") {
                add("can trap; use &+, &-, &* and optional binding instead of checked arithmetic and '!'", line)
            } else if line.contains(" call ") || line.hasPrefix("  call ") {
                guard let callee = IRModule.symbols(in: line).first, isDirectCall(line, callee) else { continue }
                if callee == function.symbol {
                    add("calls itself; the kernel has no recursion", line)
                } else if ProgramCheck.isRuntime(callee) {
                    add("needs '\(callee)' of Swift's runtime (a class, an existential, an array or a string?)", line)
                } else if !defined.contains(callee), !callee.hasPrefix("llvm.") {
                    add("calls '\(callee)', which is neither in the program nor a kernel helper", line)
                }
            } else if line.contains(" atomicrmw "), line.contains(" monotonic"), line.contains("= atomicrmw") {
                let result = line.split(separator: "=")[0].trimmingCharacters(in: .whitespaces)
                let uses = function.text.matches(
                    of: try! Regex("\(NSRegularExpression.escapedPattern(for: result))\\b"))
                if uses.count > 1 {
                    add(
                        "uses the result of a relaxed atomic, for which LLVM generates wrong code; use .sequentiallyConsistent",
                        line)
                }
            }
        }
        return errors
    }

    /// A call `call i32 @callee(…)`, not one through a constant address with a symbol among its arguments.
    private func isDirectCall(_ line: Substring, _ callee: String) -> Bool {
        guard let range = line.range(of: "@\(callee)(") ?? line.range(of: "@\"\(callee)\"(") else { return false }
        return !line[..<range.lowerBound].contains("(") || !line[..<range.lowerBound].contains("inttoptr")
    }

    private static func isRuntime(_ symbol: String) -> Bool {
        symbol.hasPrefix("swift_") || ["malloc", "free", "posix_memalign", "abort"].contains(symbol)
    }
}
