// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Compiles small programs, and reads what comes out.
package enum Compiler {
    /// Imports and a license, on two lines.
    package static let prelude = """
        import BPFKernel; import CBPF
        let license: StaticString = "GPL"

        """

    package struct Result {
        /// What bpfc said.
        package var output: Machine.Output
        /// The object, if it made one.
        package var elf: [UInt8]?
        package var skeleton: String?
        /// What swiftc made of the source, and bpfc of that.
        package var ir: String?
    }

    /// Kept for a whole run of tests, for the library's modules are compiled into it.
    private static let work = FileManager.default.temporaryDirectory.appending(
        path: "bpfc tests \(ProcessInfo.processInfo.processIdentifier)"
    ).path

    /// Compiles the file `Sample.swift`, in a path with a space.
    package static func run(
        _ source: String, prelude: String = prelude, name: String = "Sample", options: [String] = []
    ) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "bpfc \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "Sample.swift")
        let object = directory.appending(path: "\(name).bpf.o")
        let skeleton = directory.appending(path: "\(name)Object.swift")
        try (prelude + source).write(to: file, atomically: false, encoding: .utf8)
        let output = try Machine.run(
            [
                Machine.product("bpfc"), "--name", name, "--object", object.path, "--skeleton", skeleton.path, "--work",
                work, "--library", Machine.packageDirectory.appending(path: "Sources/SwiftForEBPF").path,
            ] + options + [file.path])
        return Result(
            output: output, elf: (try? Data(contentsOf: object)).map { [UInt8]($0) },
            skeleton: try? String(contentsOf: skeleton, encoding: .utf8),
            ir: try? String(contentsOfFile: "\(work)/\(name).bpf.ll", encoding: .utf8))
    }

    /// - Returns: what bpfc said, and the object if it made one.
    package static func compile(_ source: String, prelude: String = prelude) throws -> (
        output: Machine.Output, elf: [UInt8]?
    ) {
        let result = try run(source, prelude: prelude)
        return (result.output, result.elf)
    }
}
