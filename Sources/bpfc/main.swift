// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `bpfc`: Embedded Swift in; a standard eBPF object and a Swift skeleton out.
func compile(_ arguments: Arguments) throws(BPFCError) {
    let toolchain = try Toolchain(swiftc: arguments.swiftc)
    let base = "\(arguments.work)/\(arguments.name)"
    try makeDirectory(arguments.work)

    var modules = SwiftModules(toolchain: toolchain, work: arguments.work, imports: arguments.imports)
    if let library = arguments.library {
        try modules.add("BPFShared", directory: "\(library)/BPFShared")
        try modules.add("BPFKernel", directory: "\(library)/BPFKernel")
    }
    for shared in arguments.shared { try modules.add(shared.name, directory: shared.directory) }
    try modules.emitIR("\(arguments.name)Kernel", sources: arguments.sources, to: "\(base).ll")

    let program = try ProgramModule(
        ir: try read("\(base).ll"),
        options: .init(
            isBigEndian: arguments.isBigEndian, hasDebugInformation: arguments.hasDebugInformation))
    try write(Data(program.printed().utf8), "\(base).bpf.ll")
    try Toolchain.run(
        toolchain.clang,
        [
            "-target", arguments.isBigEndian ? "bpfeb" : "bpfel", "-mcpu=\(arguments.cpu)", "-O2", "-g",
            "-Wno-override-module", "-x", "ir", "-c", "\(base).bpf.ll", "-o", "\(base).o",
        ])
    // Line numbers stay in .BTF.ext; DWARF, an empty .text and the linker's notes are of no use to a loader.
    try Toolchain.run(
        toolchain.objcopy,
        [
            "--strip-debug", "--remove-section", ".linker-options", "--remove-section", ".llvm_addrsig", "\(base).o",
            arguments.object,
        ])

    if let path = arguments.skeleton {
        let skeleton = try Skeleton(
            name: arguments.name, object: [UInt8](try readBytes(arguments.object)), program: program,
            shared: arguments.shared.map(\.name))
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
