// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs clang's bpf backend to generate an object from a program's IR.
struct CodeGenerator {
    let toolchain: Toolchain
    let cpu: String
    /// Path of the intermediate files, without their extension.
    let base: String

    func generate(_ program: ProgramModule, _ format: ProgramModule.Format) throws(BPFCError) {
        try write(Data(program.printed(format).utf8), "\(base).bpf.ll")
        do throws(BPFCError) {
            try Toolchain.run(
                toolchain.clang,
                [
                    // ObjectCheck checks the stack instead, and its error names the chain of calls.
                    "-target", format.isBigEndian ? "bpfeb" : "bpfel", "-mcpu=\(cpu)", "-O2", "-g",
                    "-Wno-override-module", "-mllvm", "-bpf-stack-size=16384", "-x", "ir", "-c", "\(base).bpf.ll",
                    "-o", "\(base).o",
                ])
        } catch {
            throw program.explain(error)
        }
    }

    /// Removes DWARF and the linker's notes, which a loader doesn't use. Line numbers stay in .BTF.ext.
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
