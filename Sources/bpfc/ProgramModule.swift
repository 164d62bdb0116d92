// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Turns the IR of Embedded Swift sources into IR that clang's bpf backend makes a standard object from.
struct ProgramModule {
    private(set) var module: IRModule
    /// As the checks know it, with the names of the source.
    private let source: CheckedProgram
    private var debug: DebugInformation
    private var types: DebugTypes
    private var newAttributeGroup: Int

    /// Names in the object: what the loader, and the skeleton, know programs and maps by.
    private(set) var maps: [String] = []
    private(set) var programs: [String] = []
    private(set) var structOps: [String] = []

    /// - Parameters:
    ///   - sources: those whose lines an error may name.
    ///   - cpu: `v1` to `v4`.
    init(ir: String, sources: [String], cpu: String) throws(BPFCError) {
        module = try IRModule(parsing: ir)
        debug = DebugInformation(module)
        types = DebugTypes(firstFreeNumber: (module.metadata.keys.max() ?? 0) + 1)
        newAttributeGroup =
            (module.attributeGroups.compactMap { number(after: "attributes #", in: $0) }.max() ?? 0) + 1
        module.keepReachable()
        source = CheckedProgram(module: module, debug: debug, sources: sources)
        try ProgramCheck(source, cpu: cpu).run()
        try transform()
    }

    private mutating func transform() throws(BPFCError) {
        module.setLinkage()
        module.inlineWhatCannotBeCalled()
        renameToSourceNames()
        try describeMaps()
        try makeStructOps()
        makeFieldRelocations()
        describeFunctions()
        module.namedMetadata.removeAll { $0.name == "swift.module.flags" || $0.name == "llvm.linker.options" }
        for (number, node) in types.nodes { module.metadata[number] = node }
    }

    /// Checks the object that was made from this.
    func check(object: [UInt8]) throws(BPFCError) {
        try ObjectCheck(object: object, source: source).run()
    }

    /// What clang said when it couldn't make an object from this.
    func explain(_ error: BPFCError) -> BPFCError {
        BackendMessages(source).explain(error)
    }

    func printed() -> String {
        // riscv64 and bpf lay data out alike, which is why the detour through riscv64 is sound.
        module.printed(triple: "bpfel", dataLayout: "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128")
    }

    // MARK: Names

    private mutating func renameToSourceNames() {
        var names: [String: String] = [:]
        for symbol in module.globals.map(\.symbol) + module.functions.map(\.symbol) where symbol.contains("$") {
            guard let name = debug.sourceName(ofSymbol: symbol) else { continue }
            names[symbol] = ProgramModule.legalName(name)
        }
        module.rename(names)
    }

    /// A name that BTF accepts: `subscript.get` becomes `subscript_get`.
    private static func legalName(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    // MARK: Maps

    private mutating func describeMaps() throws(BPFCError) {
        for index in module.globals.indices { removeDescription(ofGlobalAt: index) }
        for index in module.globals.indices where module.globals[index].section == ".maps" {
            let global = module.globals[index]
            guard let definition = MapDefinition(globalBody: global.body) else {
                throw .program(
                    ProgramError(
                        problem: "the map '\(global.symbol)' isn't a constant MapDefinition "
                            + "(type, keySize, valueSize, maxEntries, flags)"))
            }
            attach(definition.debugType(in: &types), toGlobalAt: index)
            maps.append(global.symbol)
        }
        maps.sort()
    }

    private mutating func attach(_ type: Int, toGlobalAt index: Int) {
        let global = module.globals[index]
        let expression = types.variable(name: global.symbol, type: type, unit: compileUnit, file: file, line: 1)
        module.globals[index].body += ", !dbg !\(expression)"
    }

    private mutating func removeDescription(ofGlobalAt index: Int) {
        module.globals[index].body = module.globals[index].body.replacingOccurrences(
            of: #", !dbg ![0-9]+"#, with: "", options: .regularExpression)
    }

    private var compileUnit: Int {
        module.metadata.first { $0.value.contains("DICompileUnit(language: DW_LANG_Swift") }?.key ?? 0
    }
    private var file: Int { number(after: "file: !", in: module.metadata[compileUnit] ?? "") ?? 0 }

    // MARK: struct_ops

    /// Collects functions in sections `struct_ops/TYPE/NAME/MEMBER` into a variable NAME of the kernel's structure TYPE,
    /// as `SEC(".struct_ops") struct TYPE NAME = { .MEMBER = …, .name = "NAME" }` would in C.
    private mutating func makeStructOps() throws(BPFCError) {
        var instances: [String: (type: String, members: [(name: String, function: String)])] = [:]
        for index in module.functions.indices {
            guard let section = module.functions[index].section, section.hasPrefix("struct_ops/") else { continue }
            let parts = section.split(separator: "/").map(String.init)
            guard parts.count == 4 else {
                throw .program(
                    ProgramError(
                        function: module.functions[index].symbol,
                        location: debug.declaration(ofSubprogram: module.functions[index].subprogram),
                        problem: "section '\(section)' must read 'struct_ops/TYPE/NAME/MEMBER', "
                            + "for instance 'struct_ops/tcp_congestion_ops/example/init'"))
            }
            instances[parts[2], default: (parts[1], [])].members.append((parts[3], module.functions[index].symbol))
            let kept = module.functions[index].text.replacingOccurrences(
                of: "section \"\(section)\"", with: "section \"struct_ops/\(parts[3])\"")
            module.functions[index].text = kept
        }
        for (name, instance) in instances.sorted(by: { $0.key < $1.key }) {
            try addStructOps(name: name, type: instance.type, members: instance.members)
            structOps.append(name)
        }
    }

    private static let nameLength = 16  // TCP_CA_NAME_MAX

    private mutating func addStructOps(
        name: String, type: String, members: [(name: String, function: String)]
    ) throws(BPFCError) {
        let bytes = Array(name.utf8)
        guard bytes.count < ProgramModule.nameLength else {
            throw .program(
                ProgramError(problem: "the name '\(name)' is longer than \(ProgramModule.nameLength - 1) bytes"))
        }
        let methodList = types.add("!{null}")
        let methodType = types.add("!DISubroutineType(types: !\(methodList))")
        let method = types.pointer(to: methodType)
        let char = types.integer(bits: 8, isSigned: true)
        let nameType = types.array(of: char, elementBits: 8, count: UInt64(ProgramModule.nameLength))
        var fields = members.map { DebugTypes.Member(name: $0.name, type: method, bits: 64) }
        fields.append(.init(name: "name", type: nameType, bits: ProgramModule.nameLength * 8))
        let structure = types.structure(
            name: type, members: fields, bits: members.count * 64 + ProgramModule.nameLength * 8)

        let layout = members.map { _ in "ptr" } + ["[\(ProgramModule.nameLength) x i8]"]
        let padded = bytes + Array(repeating: 0, count: ProgramModule.nameLength - bytes.count)
        let text = padded.map { "\\" + String(format: "%02X", $0) }.joined()
        let values =
            members.map { "ptr @\(quotedSymbol($0.function))" } + ["[\(ProgramModule.nameLength) x i8] c\"\(text)\""]
        module.globals.append(
            .init(
                symbol: name,
                body: "global { \(layout.joined(separator: ", ")) } { \(values.joined(separator: ", ")) }, "
                    + "section \".struct_ops\", align 8"))
        attach(structure, toGlobalAt: module.globals.count - 1)
        keepUsed(name)
    }

    private mutating func keepUsed(_ symbol: String) {
        module.globals.removeAll { $0.symbol == "llvm.used" }
        module.globals.append(
            .init(
                symbol: "llvm.used",
                body: "appending global [1 x ptr] [ptr @\(quotedSymbol(symbol))], section \"llvm.metadata\""))
    }

    // MARK: Kernel fields

    /// Where a program loads a symbol `field_offset:TYPE.MEMBER`, the loader is to put the offset of that member in the
    /// running kernel (CO-RE, `BPF_CORE_FIELD_BYTE_OFFSET`).
    ///
    /// LLVM's bpf backend writes the relocation for a load from a global that has the attribute `btf_ama`, whose name
    /// encodes the access and whose metadata is the local type.
    private mutating func makeFieldRelocations() {
        let prefix = "field_offset:"
        var fields: [String: [(member: String, global: Int)]] = [:]
        for (index, global) in module.globals.enumerated() where global.symbol.hasPrefix(prefix) {
            let parts = global.symbol.dropFirst(prefix.count).split(separator: ".").map(String.init)
            if parts.count == 2 { fields[parts[0], default: []].append((parts[1], index)) }
        }
        guard !fields.isEmpty else { return }
        var names: [String: String] = [:]
        let word = types.integer(bits: 32)
        for (type, members) in fields {
            // The program's own idea of the structure: just the members that it uses. The loader finds them by name.
            let structure = types.structure(
                name: type, members: members.map { .init(name: $0.member, type: word, bits: 32) },
                bits: members.count * 32)
            for (position, member) in members.enumerated() {
                let kind = 0  // BPF_CORE_FIELD_BYTE_OFFSET
                names[module.globals[member.global].symbol] = "llvm.\(type):\(kind):\(position * 4)$0:\(position)"
                module.globals[member.global].body =
                    "external global i64, !llvm.preserve.access.index !\(structure) #\(newAttributeGroup)"
            }
        }
        module.attributeGroups.append("attributes #\(newAttributeGroup) = { \"btf_ama\" }")
        module.rename(names)
    }

    // MARK: Functions

    /// Describes functions as C would: their own symbol as the name, C types for result and parameters.
    private mutating func describeFunctions() {
        for function in module.functions {
            guard let subprogram = function.subprogram, var node = module.metadata[subprogram],
                let signature = Signature(header: function.header)
            else { continue }
            let type = types.function(result: signature.result, parameters: signature.parameters)
            node = node.replacingOccurrences(of: #"type: ![0-9]+"#, with: "type: !\(type)", options: .regularExpression)
            node = node.replacingOccurrences(
                of: #"\((name: "[^"]*", )?(linkageName: "[^"]*", )?"#, with: "(name: \"\(function.symbol)\", ",
                options: .regularExpression, range: node.range(of: "(").map { $0.lowerBound..<node.endIndex })
            // The arguments' names and types are read from these; Swift's own types hold names that BTF refuses.
            node = node.replacingOccurrences(of: #", retainedNodes: ![0-9]+"#, with: "", options: .regularExpression)
            let arguments = describeArguments(signature.parameters, of: subprogram)
            node.replaceSubrange(node.index(before: node.endIndex)..., with: ", retainedNodes: !\(arguments))")
            if function.section == nil, !node.contains("DISPFlagLocalToUnit") {
                node = node.replacingOccurrences(of: "spFlags: ", with: "spFlags: DISPFlagLocalToUnit | ")
            }
            module.metadata[subprogram] = node
            if function.section != nil { programs.append(function.symbol) }
        }
        programs.sort()
    }

    private mutating func describeArguments(_ parameters: [String], of subprogram: Int) -> Int {
        var list: [String] = []
        for (index, parameter) in parameters.enumerated() {
            guard let type = types.type(ofLLVM: parameter) else { continue }
            let name = debug.argumentName(index + 1, ofSubprogram: subprogram) ?? "argument\(index + 1)"
            let variable = types.add(
                "!DILocalVariable(name: \"\(name)\", arg: \(index + 1), scope: !\(subprogram), file: !\(file), "
                    + "type: !\(type))")
            list.append("!\(variable)")
        }
        return types.add("!{\(list.joined(separator: ", "))}")
    }

    /// Result and parameters of a `define` line, in LLVM's words.
    private struct Signature {
        var result: String
        var parameters: [String]

        init?(header: String) {
            guard let at = header.firstIndex(of: "@"), let open = header[at...].firstIndex(of: "(") else { return nil }
            guard let result = header[..<at].split(separator: " ").last else { return nil }
            self.result = String(result)
            var depth = 0
            var parameters = [""]
            for character in header[open...] {
                if character == "(" { depth += 1; if depth == 1 { continue } }
                if character == ")" { depth -= 1; if depth == 0 { break } }
                if character == ",", depth == 1 { parameters.append(""); continue }
                parameters[parameters.count - 1].append(character)
            }
            self.parameters = parameters.compactMap { $0.split(separator: " ").first.map(String.init) }
        }
    }
}
