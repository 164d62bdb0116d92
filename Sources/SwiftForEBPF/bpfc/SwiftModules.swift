// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Compiles Swift for the kernel: the library's modules once, the program on each run.
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

    /// Swift has no standard library for bpf. The target is riscv64: its data layout is the same as bpf's, its calling
    /// convention is one that bpf's backend accepts, and clang accepts its IR.
    ///
    /// `-O` and not `-Ounchecked`: a check that the optimiser can't prove must stay visible in the IR, so that it can
    /// be refused.
    ///
    /// Language mode 5, because in it a global variable needs no isolation. Maps and variables are shared by all CPUs,
    /// and the kernel guards them, not Swift.
    private var common: [String] {
        var arguments = [
            "-target", "riscv64-none-none-eabi", "-enable-experimental-feature", "Embedded", "-wmo",
            "-parse-as-library", "-O", "-g", "-enforce-exclusivity=unchecked", "-swift-version", "5",
            "-Xfrontend", "-disable-stack-protector", "-Xllvm", "-swiftmergefunc-threshold=0", "-module-cache-path",
            "\(work)/clang-modules",
            "-file-prefix-map", "\(FileManager.default.currentDirectoryPath)=.",
        ]
        // BPFShared needs this, because the target's byte order is always little-endian.
        if isBigEndian { arguments += ["-D", "BPF_BIG_ENDIAN"] }
        for directory in searchPaths + [modules] { arguments += ["-I", directory] }
        for directory in Toolchain.systemIncludes() { arguments += ["-Xcc", "-I\(directory)"] }
        return arguments
    }

    /// Compiles a folder of sources as a module that programs can import. Does nothing if the module exists and neither
    /// its sources nor anything it may depend on has changed since.
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
    /// The stamps of the modules compiled so far. A later module may import them, so it depends on them.
    private var inherited: [String] = []

    /// Compiles a program to LLVM IR.
    ///
    /// `-enable-testing` keeps functions that no other Swift source refers to, so a program needn't be public.
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
        throw .io("could not create the directory \(path): \(error.localizedDescription)")
    }
}
