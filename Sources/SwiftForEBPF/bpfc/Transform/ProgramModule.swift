// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Turns the IR of Embedded Swift sources into IR that clang's bpf backend compiles to a standard object.
///
/// Each step has a file of its own, `ProgramModule+Step.swift`, and one rule for what it keeps, drops or renames.
struct ProgramModule {
    var module: IRModule
    var debug: DebugInformation
    var types: DebugTypes
    let reader: TypeReader
    /// The module for the checks, before the steps rewrite Swift's names and types.
    private var source: CheckedProgram
    private let target: Target

    /// The machine that an object is for.
    struct Target {
        /// `v1` to `v4`.
        var cpu: String
        var isBigEndian = false
    }

    /// The properties of an object that don't change the program.
    struct Format: Equatable {
        var isBigEndian = false
        /// Whether `.BTF.ext` and `.BTF` contain source lines and function prototypes.
        var hasDebugInformation = true
    }

    /// C descriptions of maps and constants, by symbol. They are attached late, because the checks need Swift's.
    var descriptions: [String: (type: Int, name: String)] = [:]

    // What the skeleton declares for user space, ordered by name in the object.
    var maps: [MapDeclaration] = []
    var programs: [ProgramDeclaration] = []
    var constants: [ConstantDeclaration] = []
    var structOps: [String] = []

    /// - Parameters:
    ///   - sources: the files whose lines an error may name.
    /// - Throws: what the kernel would refuse, and IR that can't be parsed.
    init(ir: String, sources: [String], target: Target) throws(BPFCError) {
        module = try IRModule(parsing: ir)
        self.target = target
        debug = DebugInformation(module)
        types = DebugTypes(firstFreeNumber: (module.metadata.keys.max() ?? 0) + 1)
        reader = TypeReader(nodes: module.metadata)
        source = CheckedProgram(module: module, debug: debug, sources: sources)
        try transform(sources)
    }

    private mutating func transform(_ sources: [String]) throws(BPFCError) {
        makeLicense()
        try makeMaps()
        try makeConstants()
        module.keepReachable()
        try makeFieldRelocations()
        makeKernelFunctions()
        source = CheckedProgram(module: module, debug: debug, sources: sources)
        try ProgramCheck(source, target: target).run()
        try checkContexts()
        makeContextLoads()
        module.setLinkage()
        module.inlineWhatCannotBeCalled()
        describeVariables()
        try renameToSourceNames()
        nameDeclarations()
        try unpackArguments()
        try makeStructOps()
        describeFunctions()
        module.namedMetadata.removeAll { $0.name == "swift.module.flags" || $0.name == "llvm.linker.options" }
        for (number, node) in types.nodes { module.metadata[number] = node }
    }

    /// Checks the object that was generated from this module in the standard format.
    func check(object: [UInt8]) throws(BPFCError) {
        try ObjectCheck(object: object, source: source).run()
    }

    /// Turns an error of clang, run on this module, into one that names the program's own lines.
    func explain(_ error: BPFCError) -> BPFCError { BackendMessages(source).explain(error) }

    func printed(_ format: Format) -> String {
        // riscv64 and bpf have the same data layout, so IR for riscv64 is valid for bpf.
        let endian = format.isBigEndian ? "E" : "e"
        var module = module
        if !format.hasDebugInformation { module.dropLocations() }
        return module.printed(
            triple: format.isBigEndian ? "bpfeb" : "bpfel",
            dataLayout: "\(endian)-m:e-p:64:64-i64:64-i128:128-n32:64-S128")
    }

    // MARK: Used by all steps

    /// The name, type and place of the source variable that a global was compiled from.
    func variable(of global: IRModule.Global) -> (name: String, type: Int?, location: SourceLocation?)? {
        guard let expression = number(after: "!dbg !", in: global.body),
            let variable = reader.node(reader.node(expression)?.reference("var")), let name = variable.text("name")
        else { return nil }
        let file = reader.node(variable.reference("file"))
        let place = file?.text("filename").map { name in
            let directory = file?.text("directory") ?? ""
            let path = name.hasPrefix("/") || directory.isEmpty ? name : directory + "/" + name
            return SourceLocation(file: path, line: variable.number("line") ?? 1)
        }
        return (name, variable.reference("type"), place)
    }

    /// Replaces the description of a global by a C one.
    mutating func attach(_ type: Int, toGlobalAt index: Int, name: String) {
        removeDescription(ofGlobalAt: index)
        let expression = types.variable(name: name, type: type, unit: compileUnit, file: file, line: 1)
        module.globals[index].body += ", !dbg !\(expression)"
    }

    mutating func removeDescription(ofGlobalAt index: Int) {
        module.globals[index].body = module.globals[index].body.replacingOccurrences(
            of: #", !dbg ![0-9]+"#, with: "", options: .regularExpression)
    }

    var compileUnit: Int {
        module.metadata.first { $0.value.contains("DICompileUnit(language: DW_LANG_Swift") }?.key ?? 0
    }
    var file: Int { number(after: "file: !", in: module.metadata[compileUnit] ?? "") ?? 0 }

    /// The text of a constant string, which `StaticString` points at.
    func string(at symbol: String) -> [UInt8]? {
        guard let global = module.globals.first(where: { $0.symbol == symbol }),
            let start = global.body.range(of: "constant "),
            let value = ConstantValue(typed: global.body[start.upperBound...]), case .bytes(let bytes) = value
        else { return nil }
        return Array(bytes.prefix { $0 != 0 })
    }
}

struct MapDeclaration: Equatable {
    /// The symbol; after `renameToSourceNames`, the source name.
    var name: String
    var kind: MapKind
    var key: SwiftType?
    var value: SwiftType?
}

struct ProgramDeclaration: Equatable {
    var name: String
    var section: String
}

struct ConstantDeclaration: Equatable {
    var name: String
    var type: SwiftType
}
