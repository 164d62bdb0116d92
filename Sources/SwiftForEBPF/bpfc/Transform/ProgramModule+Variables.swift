// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// The global `let license: StaticString = "GPL"` becomes the section `license`.
    mutating func makeLicense() {
        for index in module.globals.indices {
            let global = module.globals[index]
            // 'vp' ends the symbol of a global variable, 'vpZ' that of a type's.
            guard global.symbol.hasSuffix("vp"), global.body.contains("StaticStringV <{"),
                variable(of: global)?.name == "license",
                let start = global.body.range(of: "constant ") ?? global.body.range(of: "global "),
                let symbol = ConstantValue(typed: global.body[start.upperBound...])?.symbol,
                let text = string(at: symbol)
            else { continue }
            let bytes = (text + [0]).map { "\\" + hexadecimal($0) }.joined()
            // A symbol must not bear the name of its section.
            module.globals[index] = .init(
                symbol: "license_text",
                body: "constant [\(text.count + 1) x i8] c\"\(bytes)\", section \"license\", align 1")
        }
    }

    /// A global of BPFKernel's type `Constant` becomes a variable in `.rodata`, which user space sets before it loads the
    /// object and the verifier then knows the value of.
    mutating func makeConstants() throws(BPFCError) {
        var errors: [ProgramError] = []
        for index in module.globals.indices {
            let global = module.globals[index]
            guard let variable = variable(of: global), reader.isLibraryType(variable.type, "Constant") else { continue }
            do throws(TypeReader.Refusal) {
                guard let type = try reader.genericType(variable.type)?.arguments.first, !global.isDeclaration
                else { continue }
                module.globals[index].body = global.body
                    .replacingOccurrences(of: "global ", with: "constant ")
                    .replacingOccurrences(
                        of: #", align [0-9]+"#, with: ", section \".rodata\"$0", options: .regularExpression)
                descriptions[global.symbol] = (type.debugType(in: &types), variable.name)
                constants.append(ConstantDeclaration(name: global.symbol, type: type))
            } catch {
                errors.append(
                    ProgramError(
                        location: variable.location, problem: "the constant '\(variable.name)' \(error.reason)"))
            }
        }
        guard errors.isEmpty else { throw .programs(errors) }
    }

    /// Maps and constants get the descriptions that were made for them, other variables some of their own where their types
    /// allow it: they then have names in `bpftool map dump`.
    mutating func describeVariables() {
        for index in module.globals.indices {
            let global = module.globals[index]
            if let description = descriptions[global.symbol] {
                attach(description.type, toGlobalAt: index, name: description.name)
                continue
            }
            guard let variable = variable(of: global), global.section == nil, !global.isDeclaration else {
                removeDescription(ofGlobalAt: index)
                continue
            }
            do throws(TypeReader.Refusal) {
                let type = try reader.type(variable.type)
                attach(type.debugType(in: &types), toGlobalAt: index, name: variable.name)
            } catch {
                removeDescription(ofGlobalAt: index)
            }
        }
    }
}

func hexadecimal(_ byte: UInt8) -> String {
    String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true)
}
