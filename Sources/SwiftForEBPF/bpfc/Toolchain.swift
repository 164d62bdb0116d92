// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The tools of the Swift toolchain that `bpfc` runs.
struct Toolchain {
    let swiftc: String
    let clang: String
    let objcopy: String

    /// Finds the tools beside `swiftc`, or in PATH.
    ///
    /// - Parameter path: of `swiftc`; `nil`: the one in PATH.
    init(swiftc path: String?) throws(BPFCError) {
        if let path { swiftc = path } else { swiftc = try Toolchain.inPath("swiftc") }
        let directory = URL(fileURLWithPath: swiftc).resolvingSymlinksInPath().deletingLastPathComponent().path
        func find(_ name: String) throws(BPFCError) -> String {
            let beside = directory + "/" + name
            return FileManager.default.isExecutableFile(atPath: beside) ? beside : try Toolchain.inPath(name)
        }
        clang = try find("clang")
        objcopy = try find("llvm-objcopy")
    }

    private static func inPath(_ name: String) throws(BPFCError) -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for directory in path.split(separator: ":") {
            let candidate = directory + "/" + name
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        throw .noTool(name, searched: path)
    }

    /// Runs a tool and waits for it. If it fails, its output becomes the error; otherwise its output goes to stderr,
    /// because it is a warning.
    static func run(_ executable: String, _ arguments: [String]) throws(BPFCError) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        let output: String
        do {
            try process.run()
            let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            output = String(decoding: data, as: UTF8.self)
        } catch {
            throw .io("could not run \(executable): \(error)")
        }
        guard process.terminationStatus == 0 else {
            let name = URL(fileURLWithPath: executable).lastPathComponent
            throw .toolFailed(name, status: process.terminationStatus, output: output)
        }
        if !output.isEmpty { FileHandle.standardError.write(Data(output.utf8)) }
    }

    /// The folders of this machine's system headers, including the one with `<asm/types.h>`, which `<linux/bpf.h>`
    /// needs.
    static func systemIncludes() -> [String] {
        let root = "/usr/include"
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let withAsm = entries.filter { FileManager.default.fileExists(atPath: "\(root)/\($0)/asm/types.h") }
        return [root] + withAsm.sorted().map { "\(root)/\($0)" }
    }
}
