// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `bpfc`: Embedded Swift in; a standard eBPF object and a Swift skeleton out.
///
/// swiftc can't target bpf: its standard library isn't built for it. It can target riscv64, whose calling convention and
/// data layout suit; clang's bpf backend then takes the IR.
func compile(_ arguments: Arguments) throws(BPFCError) {
    let toolchain = try Toolchain(swiftc: arguments.swiftc)
    let base = "\(arguments.work)/\(arguments.name)"
    do {
        try FileManager.default.createDirectory(atPath: arguments.work, withIntermediateDirectories: true)
    } catch {
        throw .io("could not make the directory \(arguments.work): \(error.localizedDescription)")
    }

    var swiftArguments = [
        "-target", "riscv64-none-none-eabi", "-enable-experimental-feature", "Embedded", "-wmo", "-parse-as-library",
        "-O", "-g", "-swift-version", "6", "-module-name", arguments.name, "-Xfrontend",
        "-disable-stack-protector", "-Xllvm", "-swiftmergefunc-threshold=0", "-module-cache-path",
        "\(arguments.work)/modules", "-file-prefix-map",
        "\(FileManager.default.currentDirectoryPath)=.", "-emit-ir", "-o", "\(base).ll",
    ]
    for directory in arguments.imports { swiftArguments += ["-I", directory] }
    for directory in Toolchain.systemIncludes() { swiftArguments += ["-Xcc", "-I\(directory)"] }
    try Toolchain.run(toolchain.swiftc, swiftArguments + arguments.sources)

    let own = arguments.sources.filter { !$0.split(separator: "/").contains("BPFKernel") }
    let program = try ProgramModule(ir: try read("\(base).ll"), sources: own, cpu: arguments.cpu)
    try write(Data(program.printed().utf8), "\(base).bpf.ll")
    do {
        try Toolchain.run(
            toolchain.clang,
            [
                // How much stack there is, ObjectCheck says better, with the chain of calls.
                "-target", "bpfel", "-mcpu=\(arguments.cpu)", "-O2", "-g", "-Wno-override-module", "-mllvm",
                "-bpf-stack-size=16384", "-x", "ir", "-c", "\(base).bpf.ll", "-o", "\(base).o",
            ])
    } catch {
        throw program.explain(error)
    }
    try program.check(object: [UInt8](try readBytes("\(base).o")))
    // Line numbers stay in .BTF.ext; DWARF, an empty .text and the linker's notes are of no use to a loader.
    try Toolchain.run(
        toolchain.objcopy,
        [
            "--strip-debug", "--remove-section", ".linker-options", "--remove-section", ".llvm_addrsig", "\(base).o",
            arguments.object,
        ])

    let skeleton = Skeleton(
        name: arguments.name, object: [UInt8](try readBytes(arguments.object)), maps: program.maps,
        programs: program.programs, structOps: program.structOps)
    try write(Data(skeleton.source().utf8), arguments.skeleton)
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
