// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// Collects the functions in sections `struct_ops/TYPE/NAME/MEMBER` into a variable NAME of the kernel's structure
    /// TYPE, like `SEC(".struct_ops") struct TYPE NAME = { .MEMBER = …, .name = "NAME" }` in C.
    mutating func makeStructOps() throws(BPFCError) {
        var instances: [String: (type: String, members: [(name: String, function: String)])] = [:]
        for index in module.functions.indices {
            let function = module.functions[index]
            guard let section = function.section, section.hasPrefix("struct_ops/") else { continue }
            func refuse(_ problem: String) -> BPFCError {
                .program(
                    ProgramError(
                        function: debug.name(ofSubprogram: function.subprogram) ?? function.symbol,
                        location: debug.declaration(ofSubprogram: function.subprogram), problem: problem))
            }
            let parts = section.split(separator: "/").map(String.init)
            guard parts.count == 4 else {
                throw refuse(
                    "section '\(section)' must have the form 'struct_ops/TYPE/NAME/MEMBER', "
                        + "for instance 'struct_ops/tcp_congestion_ops/example/init'")
            }
            let (type, name, member) = (parts[1], parts[2], parts[3])
            guard name.utf8.count < ProgramModule.nameLength else {
                throw refuse("the name '\(name)' is longer than \(ProgramModule.nameLength - 1) bytes")
            }
            if let other = instances[name], other.type != type {
                throw refuse("'\(name)' is already a '\(other.type)' and can't be a '\(type)' too")
            }
            if instances[name]?.members.contains(where: { $0.name == member }) ?? false {
                throw refuse("'\(name)' has two functions for '\(member)'")
            }
            instances[name, default: (type, [])].members.append((member, function.symbol))
            module.functions[index].text = function.text.replacingOccurrences(
                of: "section \"\(section)\"", with: "section \"struct_ops/\(member)\"")
        }
        for (name, instance) in instances.sorted(by: { $0.key < $1.key }) {
            addStructOps(name: name, type: instance.type, members: instance.members)
            structOps.append(name)
        }
        keepUsed(structOps)
    }

    private static let nameLength = 16  // TCP_CA_NAME_MAX

    private mutating func addStructOps(name: String, type: String, members: [(name: String, function: String)]) {
        let methodList = types.add("!{null}")
        let methodType = types.add("!DISubroutineType(types: !\(methodList))")
        let method = types.pointer(to: methodType)
        let char = types.integer(bits: 8, isSigned: true)
        let nameType = types.array(of: char, elementBits: 8, count: UInt64(ProgramModule.nameLength))
        var fields = members.map { DebugTypes.Member(name: $0.name, type: method, bits: 64) }
        fields.append(.init(name: "name", type: nameType, bits: ProgramModule.nameLength * 8))
        let structure = types.structure(
            name: type, members: fields, bits: members.count * 64 + ProgramModule.nameLength * 8)

        let bytes = Array(name.utf8)
        let padded = bytes + Array(repeating: 0, count: ProgramModule.nameLength - bytes.count)
        let text = padded.map { "\\" + hexadecimal($0) }.joined()
        let nameWord = "[\(ProgramModule.nameLength) x i8]"
        let layout = members.map { _ in "ptr" } + [nameWord]
        let values = members.map { "ptr @\(quotedSymbol($0.function))" } + ["\(nameWord) c\"\(text)\""]
        // Not '.struct_ops.link', which libbpf knows only from 1.2 on. User space asks for the link (BPF_F_LINK).
        module.globals.append(
            .init(
                symbol: name,
                body: "global { \(layout.joined(separator: ", ")) } { \(values.joined(separator: ", ")) }, "
                    + "section \".struct_ops\", align 8"))
        attach(structure, toGlobalAt: module.globals.count - 1, name: name)
    }

    private mutating func keepUsed(_ symbols: [String]) {
        module.globals.removeAll { $0.symbol == "llvm.used" || $0.symbol == "llvm.compiler.used" }
        guard !symbols.isEmpty else { return }
        let list = symbols.map { "ptr @\(quotedSymbol($0))" }.joined(separator: ", ")
        module.globals.append(
            .init(
                // Not 'llvm.used', which would put each variable in a section of its own.
                symbol: "llvm.compiler.used",
                body: "appending global [\(symbols.count) x ptr] [\(list)], section \"llvm.metadata\""))
    }
}
