// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Has clang's bpf backend make an object from a program's IR.
struct CodeGenerator {
    let toolchain: Toolchain
    let cpu: String
    /// Where intermediate files go: this with an extension.
    let base: String

    func generate(_ program: ProgramModule, _ format: ProgramModule.Format) throws(BPFCError) {
        try write(Data(program.printed(format).utf8), "\(base).bpf.ll")
        do throws(BPFCError) {
            try Toolchain.run(
                toolchain.clang,
                [
                    // How much stack there is, ObjectCheck says better, with the chain of calls.
                    "-target", format.isBigEndian ? "bpfeb" : "bpfel", "-mcpu=\(cpu)", "-O2", "-g",
                    "-Wno-override-module", "-mllvm", "-bpf-stack-size=16384", "-x", "ir", "-c", "\(base).bpf.ll",
                    "-o", "\(base).o",
                ])
        } catch {
            throw program.explain(error)
        }
    }

    /// Line numbers stay in .BTF.ext; DWARF, an empty .text and the linker's notes are of no use to a loader.
    func strip(to object: String) throws(BPFCError) {
        try Toolchain.run(
            toolchain.objcopy,
            [
                "--strip-debug", "--remove-section", ".linker-options", "--remove-section", ".llvm_addrsig",
                "\(base).o",
                object,
            ])
    }
}
