// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Compiles Embedded Swift to a standard eBPF object and a Swift skeleton.
func compile(_ arguments: Arguments) throws(BPFCError) {
    let toolchain = try Toolchain(swiftc: arguments.swiftc)
    let base = "\(arguments.work)/\(arguments.name)"
    try makeDirectory(arguments.work)

    var modules = SwiftModules(
        toolchain: toolchain, work: arguments.work, imports: arguments.imports,
        isBigEndian: arguments.format.isBigEndian)
    if let library = arguments.library {
        try modules.add("BPFShared", directory: "\(library)/BPFShared")
        try modules.add("BPFKernel", directory: "\(library)/BPFKernel")
    }
    for shared in arguments.shared { try modules.add(shared.name, directory: shared.directory) }
    try modules.emitIR("\(arguments.name)Kernel", sources: arguments.sources, to: "\(base).ll")

    let target = ProgramModule.Target(cpu: arguments.cpu, isBigEndian: arguments.format.isBigEndian)
    let program = try ProgramModule(ir: try read("\(base).ll"), sources: arguments.sources, target: target)
    let generator = CodeGenerator(toolchain: toolchain, cpu: arguments.cpu, base: base)
    try generator.generate(program, .init())
    try program.check(object: [UInt8](try readBytes("\(base).o")))
    if arguments.format != .init() { try generator.generate(program, arguments.format) }
    try generator.strip(to: arguments.object)

    if let path = arguments.skeleton {
        let skeleton = try Skeleton(
            name: arguments.name, object: [UInt8](try readBytes(arguments.object)), program: program,
            shared: arguments.shared.map(\.name), access: arguments.access)
        try write(Data(skeleton.source().utf8), path)
    }
}

func readBytes(_ path: String) throws(BPFCError) -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
        throw .io("could not read \(path): \(error.localizedDescription)")
    }
}

func read(_ path: String) throws(BPFCError) -> String { String(decoding: try readBytes(path), as: UTF8.self) }

func write(_ data: Data, _ path: String) throws(BPFCError) {
    do { try data.write(to: URL(fileURLWithPath: path)) } catch {
        throw .io("could not write \(path): \(error.localizedDescription)")
    }
}

do {
    try compile(Arguments(Array(CommandLine.arguments.dropFirst())))
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
