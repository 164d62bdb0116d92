// SPDX-License-Identifier: Apache-2.0

import Foundation

extension IRModule {
    /// Whether a section is the program's, and not one that the compiler uses for itself.
    static func isProgramSection(_ section: String) -> Bool {
        !section.hasPrefix(".swift") && !section.hasPrefix("llvm.")
    }

    /// Keeps the program's own functions and globals (those with a section) and what they reach, and drops the rest.
    ///
    /// Embedded Swift emits its runtime (`swift_allocObject`, `swift_retain`, …) into each module. None of it can run
    /// in the kernel, and it must not be in the object: the bpf backend can't generate code for its atomics.
    mutating func keepReachable() {
        let functionsBySymbol = Dictionary(functions.map { ($0.symbol, $0.text) }) { first, _ in first }
        let globalsBySymbol = Dictionary(globals.map { ($0.symbol, $0.body) }) { first, _ in first }

        var pending = roots
        var reached = Set(pending)
        while let symbol = pending.popLast() {
            guard let text = functionsBySymbol[symbol] ?? globalsBySymbol[symbol] else { continue }
            for reference in IRModule.symbols(in: text) where reached.insert(reference).inserted {
                pending.append(reference)
            }
        }
        functions.removeAll { !reached.contains($0.symbol) }
        globals.removeAll { !reached.contains($0.symbol) }
        declarations.removeAll { !reached.contains($0.symbol) }
    }

    private var roots: [String] {
        let programs = functions.filter { $0.section.map(IRModule.isProgramSection) ?? false }.map(\.symbol)
        let data = globals.filter { $0.section.map(IRModule.isProgramSection) ?? false }.map(\.symbol)
        return programs + data
    }

    /// Sets the linkage of globals and functions: programs and maps are visible, the rest is internal, so that clang
    /// may inline or drop it.
    mutating func setLinkage() {
        for index in functions.indices {
            let isProgram = functions[index].section != nil
            var header = functions[index].header
            let body = functions[index].text.dropFirst(header.count)
            for word in ["linkonce_odr ", "weak_odr ", "internal ", "private ", "protected ", "hidden ", "dso_local "] {
                if let range = header.range(of: word) { header.removeSubrange(range) }
            }
            if !isProgram { header = header.replacingOccurrences(of: "define ", with: "define internal ") }
            functions[index].text = header + body
        }
        for index in globals.indices where !globals[index].isDeclaration {
            for word in ["protected ", "hidden "] {
                if let range = globals[index].body.range(of: word) { globals[index].body.removeSubrange(range) }
            }
        }
    }

    /// Renames symbols everywhere.
    ///
    /// - Parameter names: the new name by symbol, for example `saved` for `$e11BatonKernel5saved…vp`.
    mutating func rename(_ names: [String: String]) {
        guard !names.isEmpty else { return }
        func renamed(_ text: String) -> String {
            var text = text
            for (old, new) in names {
                text = text.replacingOccurrences(of: "@\"\(old)\"", with: "@\(quotedSymbol(new))")
                if !old.contains("$") {
                    text = text.replacingOccurrences(
                        of: "@\(NSRegularExpression.escapedPattern(for: old))(?![-A-Za-z0-9$._])",
                        with: "@\(quotedSymbol(new))", options: .regularExpression)
                }
            }
            return text
        }
        for index in functions.indices {
            functions[index].text = renamed(functions[index].text)
            functions[index].symbol = names[functions[index].symbol] ?? functions[index].symbol
        }
        for index in globals.indices {
            globals[index].body = renamed(globals[index].body)
            globals[index].symbol = names[globals[index].symbol] ?? globals[index].symbol
        }
    }
}
