// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A call passes at most five arguments and returns one value, each in a register.
///
/// A function that needs more is inlined (`IRModule.inlineWhatCannotBeCalled`). This rule refuses those that can't be.
struct SignatureRule: Rule {
    static let registers = 5

    func check(_ program: CheckedProgram) -> [Finding] {
        let recursive = RecursionRule.recursiveSymbols(in: program)
        var findings: [Finding] = []
        for function in program.functions where SignatureRule.cannotBeCalled(function.signature) {
            // The kernel passes all of their arguments in one array.
            if ProgramSection(function.section ?? "").hasArguments, !function.signature.returnsAggregate { continue }
            let reason: String
            if function.section.map(IRModule.isProgramSection) ?? false {
                reason = "the kernel calls it"
            } else if function.isNeverInlined {
                reason = "@inline(never) keeps it a function of its own"
            } else if program.isAddressTaken(function.symbol) {
                reason = "its address is taken"
            } else if recursive.contains(function.symbol) {
                continue  // RecursionRule refuses it.
            } else {
                continue
            }
            let problem: String
            if function.signature.returnsAggregate {
                problem =
                    "returns a structure, but can return only one register because \(reason); "
                    + "return an integer, or write to an inout parameter"
            } else {
                problem =
                    "takes \(function.signature.parameters.count) arguments, but can take at most "
                    + "\(SignatureRule.registers) because \(reason); pass a structure as inout"
            }
            findings += program.ownPlaces(of: function).map { Finding(.signature, $0, problem) }
        }
        return findings
    }

    static func cannotBeCalled(_ signature: FunctionSignature) -> Bool {
        signature.returnsAggregate || signature.parameters.count > registers
    }
}

extension IRModule {
    /// Marks the functions that can't be called, because they return a structure or take more than five arguments, as
    /// `alwaysinline`. `SignatureRule` refuses those that can't be inlined.
    mutating func inlineWhatCannotBeCalled() {
        let noInline = attributeGroups(with: "noinline")
        for index in functions.indices where functions[index].section == nil {
            let header = functions[index].header
            let groups = IRModule.attributeGroups(of: header[...])
            guard SignatureRule.cannotBeCalled(FunctionSignature(header: header[...])),
                !groups.contains(where: noInline.contains),
                let group = header.range(of: " #\(groups.first ?? -1)")
            else { continue }
            functions[index].text =
                header.replacingCharacters(in: group, with: " alwaysinline #\(groups[0])")
                + functions[index].text.dropFirst(header.count)
        }
    }
}
