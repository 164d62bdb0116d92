// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The lab in a virtual machine with a clock of its own (scripts/lab-in-vm).
enum VirtualMachine {
    /// Replaces this process with the script that runs the same command in the machine.
    ///
    /// - Parameter directory: for the results; created if it does not exist.
    /// - Throws: `LabError` if the script is not found.
    static func run(directory: String) throws -> Never {
        guard let script = Executable.find("scripts/lab-in-vm") else {
            throw LabError(
                .unavailable,
                "no scripts/lab-in-vm above \(Executable.directory); run it from the package's build directory")
        }
        var here = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&here, here.count) != nil else { throw LabError("the working directory is gone") }
        let current = String(decoding: here.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let absolute = directory.hasPrefix("/") ? directory : "\(current)/\(directory)"
        let own = Array(CommandLine.arguments.dropFirst()).filter { $0 != "--virtual-time" }
        // given twice, the last one counts
        let command =
            [script, "--program", Executable.path, "--results", absolute, "--"] + own + ["--results", absolute]
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        execv(script, &arguments)
        throw LabError("\(script) can't be run: \(String(cString: strerror(errno)))")
    }
}
