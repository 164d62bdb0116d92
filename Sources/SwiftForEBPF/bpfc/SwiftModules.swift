// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Compiles Swift for the kernel: the library's modules once, the program each time.
struct SwiftModules {
    let toolchain: Toolchain
    let work: String
    private let isBigEndian: Bool
    private var searchPaths: [String]

    init(toolchain: Toolchain, work: String, imports: [String], isBigEndian: Bool) {
        self.toolchain = toolchain
        self.isBigEndian = isBigEndian
        self.work = work
        searchPaths = imports
    }

    private var modules: String { "\(work)/modules" }

    /// Swift has no standard library for bpf. riscv64's calling convention and data layout suit, and clang takes the IR.
    ///
    /// `-O` and not `-Ounchecked`: a check that the optimiser can't prove has to stay visible, for then it is refused.
    ///
    /// Maps and variables are shared by all CPUs, guarded by the kernel and not by Swift; hence language mode 5, in which a
    /// global variable is just that.
    private var common: [String] {
        var arguments = [
            "-target", "riscv64-none-none-eabi", "-enable-experimental-feature", "Embedded", "-wmo",
            "-parse-as-library", "-O", "-g", "-enforce-exclusivity=unchecked", "-swift-version", "5",
            "-Xfrontend", "-disable-stack-protector", "-Xllvm", "-swiftmergefunc-threshold=0", "-module-cache-path",
            "\(work)/clang-modules",
            "-file-prefix-map", "\(FileManager.default.currentDirectoryPath)=.",
        ]
        // For BPFShared's byte order, which can't go by the target's.
        if isBigEndian { arguments += ["-D", "BPF_BIG_ENDIAN"] }
        for directory in searchPaths + [modules] { arguments += ["-I", directory] }
        for directory in Toolchain.systemIncludes() { arguments += ["-Xcc", "-I\(directory)"] }
        return arguments
    }

    /// Compiles a folder of sources as a module that programs can import; nothing happens if that was done before and no
    /// source, and nothing it may depend on, changed since.
    mutating func add(_ name: String, directory: String) throws(BPFCError) {
        let (sources, others) = SwiftModules.files(in: directory)
        guard !sources.isEmpty else { throw .io("no Swift sources in \(directory)") }
        for folder in Set(others.map { ($0 as NSString).deletingLastPathComponent }).sorted() {
            searchPaths.append(folder)
        }
        let output = "\(modules)/\(name).swiftmodule"
        let stampFile = "\(modules)/\(name).stamp"
        let stamp =
            ([toolchain.swiftc] + common + (sources + others).map(SwiftModules.fingerprint)
            + inherited).joined(separator: "\n")
        inherited.append(stamp)
        if FileManager.default.fileExists(atPath: output),
            (try? String(contentsOfFile: stampFile, encoding: .utf8)) == stamp
        {
            return
        }
        try makeDirectory(modules)
        try Toolchain.run(
            toolchain.swiftc, common + ["-module-name", name, "-emit-module", "-o", output] + sources)
        try write(Data(stamp.utf8), stampFile)
    }
    /// What the modules so far were made from: a later one may import them.
    private var inherited: [String] = []

    /// Compiles a program to LLVM IR.
    ///
    /// `-enable-testing` keeps what no other Swift source refers to: a program needn't be public for the loader to find it.
    func emitIR(_ name: String, sources: [String], to file: String) throws(BPFCError) {
        try Toolchain.run(
            toolchain.swiftc,
            common + ["-module-name", name, "-enable-testing", "-emit-ir", "-o", file] + sources)
    }

    private static func files(in directory: String) -> (swift: [String], others: [String]) {
        let directory = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path
        let paths = (FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []).sorted()
        let files = paths.map { "\(directory)/\($0)" }
        return (
            files.filter { $0.hasSuffix(".swift") },
            files.filter { $0.hasSuffix(".h") || $0.hasSuffix(".modulemap") }
        )
    }

    private static func fingerprint(_ path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(path) \(attributes?[.size] ?? 0) \(date)"
    }
}

func makeDirectory(_ path: String) throws(BPFCError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw .io("could not make the directory \(path): \(error.localizedDescription)")
    }
}
