// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    private static let prefix = "kfunc."

    /// Turns a Swift declaration with the symbol `kfunc.NAME` into an extern function in `.ksyms`. The loader looks it
    /// up in the running kernel by name and prototype.
    mutating func makeKernelFunctions() {
        for index in module.declarations.indices {
            let (symbol, text) = module.declarations[index]
            guard symbol.hasPrefix(ProgramModule.prefix), let signature = Signature(header: text) else { continue }
            let name = String(symbol.dropFirst(ProgramModule.prefix.count))
            let prototype = types.function(
                result: signature.result, parameters: signature.parameters, pointee: "sock")
            let subprogram = types.add(
                "!DISubprogram(name: \"\(name)\", scope: !\(file), file: !\(file), line: 1, type: !\(prototype), "
                    + "flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)")
            let parameters = signature.parameters.joined(separator: ", ")
            module.declarations[index] = (
                name, "declare !dbg !\(subprogram) \(signature.result) @\(name)(\(parameters)) section \".ksyms\""
            )
            module.renameInFunctions(symbol, to: name)
        }
    }
}
