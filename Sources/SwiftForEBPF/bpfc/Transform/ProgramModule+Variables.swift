// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// Turns the global `let license: StaticString = "GPL"` into the section `license`.
    mutating func makeLicense() {
        for index in module.globals.indices {
            let global = module.globals[index]
            // The symbol of a global variable ends in 'vp', that of a static property in 'vpZ'.
            guard global.symbol.hasSuffix("vp"), global.body.contains("StaticStringV <{"),
                variable(of: global)?.name == "license",
                let start = global.body.range(of: "constant ") ?? global.body.range(of: "global "),
                let symbol = ConstantValue(typed: global.body[start.upperBound...])?.symbol,
                let text = string(at: symbol)
            else { continue }
            let bytes = (text + [0]).map { "\\" + hexadecimal($0) }.joined()
            // A symbol must not have the name of its section.
            module.globals[index] = .init(
                symbol: "license_text",
                body: "constant [\(text.count + 1) x i8] c\"\(bytes)\", section \"license\", align 1")
        }
    }

    /// Turns a global of BPFKernel's type `Constant` into a variable in `.rodata`. User space sets it before it loads
    /// the object, so the verifier knows its value.
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

    /// Attaches the descriptions of maps and constants. Other variables get a description if C has their type, so that
    /// `bpftool map dump` shows their names.
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
