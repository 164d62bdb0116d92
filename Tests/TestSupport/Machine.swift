// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Glibc

/// What the tests run on.
package enum Machine {
    /// Whether tests that need root and a kernel with BPF run. In CI they always do, so that what is missing fails.
    package static let canRunKernelTests = isCI || geteuid() == 0
    /// Why they don't.
    package static let whyNot = "needs root, for network namespaces, cgroups and BPF; run 'sudo make test'"
    package static var isCI: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }
    /// Whether scripts/test-kernels runs the tests without KVM: the CPU is emulated, and what it computes takes long.
    package static var isEmulated: Bool { ProcessInfo.processInfo.environment["BATON_EMULATED_CPU"] == "1" }

    /// The package's own directory.
    package static let packageDirectory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where the products lie: beside the test runner.
    package static let productDirectory: URL = {
        let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return runner.deletingLastPathComponent()
    }()

    /// A product of this package.
    package static func product(_ name: String) -> String { productDirectory.appending(path: name).path }

    /// The mount point of the unified cgroup hierarchy.
    package static let cgroupRoot: String = {
        let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return "/sys/fs/cgroup"
    }()

    /// What a command printed.
    package struct Output: Sendable {
        /// The command's own, for env(1) becomes it.
        package var processID: Int32
        package var status: Int32
        package var standardOutput: String
        package var standardError: String

        /// The standard output as JSON.
        package func json() throws -> Any {
            try JSONSerialization.jsonObject(with: Data(standardOutput.utf8), options: .fragmentsAllowed)
        }
    }

    /// Runs a command to its end.
    @discardableResult
    package static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Output {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let directory = FileManager.default.temporaryDirectory.appending(path: "baton-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        // Files rather than pipes: neither can fill up while the other is read.
        let paths = [directory.appending(path: "out"), directory.appending(path: "err")]
        for path in paths { _ = FileManager.default.createFile(atPath: path.path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: paths[0])
        process.standardError = try FileHandle(forWritingTo: paths[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return Output(
            processID: process.processIdentifier, status: status,
            standardOutput: try String(contentsOf: paths[0], encoding: .utf8),
            standardError: try String(contentsOf: paths[1], encoding: .utf8))
    }

    /// Runs a command that must succeed.
    @discardableResult
    package static func demand(_ arguments: String...) throws -> String { try demand(arguments) }

    /// The same for arguments in an array.
    @discardableResult
    package static func demand(_ arguments: [String]) throws -> String {
        let output = try run(arguments)
        guard output.status == 0 else {
            throw CommandFailed(
                command: arguments.joined(separator: " "), status: output.status, message: output.standardError)
        }
        return output.standardOutput
    }
}

/// A command that had to succeed did not.
package struct CommandFailed: Error, CustomStringConvertible {
    var command: String
    var status: Int32
    var message: String
    package var description: String { "'\(command)' ended with \(status): \(message)" }
}
