// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// Describes functions as C functions: the symbol as the name, C types for the result and the parameters.
    mutating func describeFunctions() {
        for function in module.functions {
            guard let subprogram = function.subprogram, var node = module.metadata[subprogram],
                let signature = Signature(header: function.header)
            else { continue }
            let pointee = function.section.flatMap { ProgramSection($0).context }
            let type = types.function(
                result: signature.result, parameters: signature.parameters,
                pointee: function.hasUnpackedArguments ? nil : pointee)
            node = node.replacingOccurrences(of: #"type: ![0-9]+"#, with: "type: !\(type)", options: .regularExpression)
            node = node.replacingOccurrences(
                of: #"\((name: "[^"]*", )?(linkageName: "[^"]*", )?"#, with: "(name: \"\(function.symbol)\", ",
                options: .regularExpression, range: node.range(of: "(").map { $0.lowerBound..<node.endIndex })
            // LLVM reads the arguments' names and types from these. Swift's own types contain names that BTF refuses.
            node = node.replacingOccurrences(of: #", retainedNodes: ![0-9]+"#, with: "", options: .regularExpression)
            node = node.replacingOccurrences(of: #", declaration: ![0-9]+"#, with: "", options: .regularExpression)
            let arguments = describeArguments(signature.parameters, of: subprogram, function, pointee: pointee)
            node.replaceSubrange(node.index(before: node.endIndex)..., with: ", retainedNodes: !\(arguments))")
            if function.section == nil, !node.contains("DISPFlagLocalToUnit") {
                node = node.replacingOccurrences(of: "spFlags: ", with: "spFlags: DISPFlagLocalToUnit | ")
            }
            module.metadata[subprogram] = node
        }
    }

    private mutating func describeArguments(
        _ parameters: [String], of subprogram: Int, _ function: IRModule.Function, pointee: String?
    ) -> Int {
        var list: [String] = []
        for (index, parameter) in parameters.enumerated() {
            guard let type = types.type(ofLLVM: parameter, pointee: function.hasUnpackedArguments ? nil : pointee)
            else { continue }
            let source =
                function.hasUnpackedArguments
                ? "arguments" : debug.argumentName(index + 1, ofSubprogram: subprogram)
            let variable = types.add(
                "!DILocalVariable(name: \"\(source ?? "argument\(index + 1)")\", arg: \(index + 1), "
                    + "scope: !\(subprogram), file: !\(file), type: !\(type))")
            list.append("!\(variable)")
        }
        return types.add("!{\(list.joined(separator: ", "))}")
    }
}
