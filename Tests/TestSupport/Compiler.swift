// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Compiles small programs, and reads what comes out.
package enum Compiler {
    /// Imports and a license.
    package static let prelude = """
        import CBPF
        @section("license") @used let programLicense: (UInt8, UInt8, UInt8, UInt8) = (0x47, 0x50, 0x4c, 0)

        """

    /// - Returns: what bpfc said, and the object if it made one.
    package static func compile(_ source: String, prelude: String = prelude) throws -> (
        output: Machine.Output, elf: [UInt8]?
    ) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "bpfc \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "Sample.swift")
        try (prelude + source).write(to: file, atomically: false, encoding: .utf8)
        let support = Machine.packageDirectory.appending(path: "Sources/BPFKernel")
        let helpers = try FileManager.default.contentsOfDirectory(atPath: support.path).filter {
            $0.hasSuffix(".swift")
        }
        let shared = Machine.packageDirectory.appending(path: "Sources/BatonShared/Configuration.swift").path
        let output = try Machine.run(
            [
                Machine.product("bpfc"), "--name", "Sample", "--object", directory.appending(path: "o").path,
                "--skeleton", directory.appending(path: "Sample.out").path, "--work",
                directory.appending(path: "work").path, "--import", support.appending(path: "CBPF").path, file.path,
                shared,
            ] + helpers.map { support.appending(path: $0).path })
        let object = try? Data(contentsOf: directory.appending(path: "o"))
        return (output, object.map { [UInt8]($0) })
    }
}
