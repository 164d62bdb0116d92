// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import Glibc
import PathEmulator

/// `baton-lab up` as a test sees it: a program with a standard output.
final class LabSession {
    /// Whether to run what needs root. In CI it is run in any case, so that a machine without root fails there.
    static let isPossible = geteuid() == 0 || getenv("CI").map { String(cString: $0) } == "true"

    struct Ready: Decodable {
        let server_namespace: String
        let client_namespace: String
        let server_addresses: [String]
        let client_addresses: [String]
        let cgroup: String
        let path_process_id: Int32
    }

    struct Failure: Error {
        let message: String
    }

    let process: pid_t
    let ready: Ready
    private let output: UnsafeMutablePointer<FILE>
    private var status: Int32?

    var server: NetworkNamespace { NetworkNamespace(name: ready.server_namespace) }
    var client: NetworkNamespace { NetworkNamespace(name: ready.client_namespace) }

    /// Starts it and waits until everything is made.
    init(_ options: [String] = []) throws {
        var pipeEnds: [Int32] = [-1, -1]
        guard clinux_make_pipe(&pipeEnds) == 0 else { throw LinuxError(call: "pipe2(2)", subject: "baton-lab up") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], 1)
        let program = try Self.program()
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program, "up"] + options).map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, program, &actions, nil, &arguments, Glibc.environ)
        close(pipeEnds[1])
        guard result == 0, let output = fdopen(pipeEnds[0], "r") else {
            throw LinuxError(call: "posix_spawn(3)", subject: program, errorNumber: result)
        }
        self.process = process
        self.output = output
        do {
            ready = try JSONDecoder().decode(Ready.self, from: try Self.line(of: output))
        } catch {
            kill(process, SIGTERM)
            waitpid(process, nil, 0)
            fclose(output)
            throw error
        }
    }

    deinit {
        end(with: SIGTERM)
        fclose(output)
    }

    /// The path's counters since the last call.
    func takeReport() throws -> PathReport {
        kill(process, SIGUSR1)
        return try JSONDecoder().decode(PathReport.self, from: try Self.line(of: output))
    }

    /// Ends it and returns its exit status, or 128 + the signal that ended it.
    @discardableResult
    func end(with signal: Int32) -> Int32 {
        if let status { return status }
        kill(process, signal)
        var raw: Int32 = 0
        while waitpid(process, &raw, 0) < 0 && errno == EINTR {}
        let value = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        status = value
        return value
    }

    /// What it made that still exists.
    var remains: [String] {
        // a process that has ended has no executable any more, even if nobody has waited for it
        [server.path, client.path, ready.cgroup, "/run/baton-\(process)", "/proc/\(ready.path_process_id)/exe"]
            .filter { access($0, F_OK) == 0 }
    }

    /// The program beside the tests.
    static func program() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let directory = String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: "/").dropLast()
        let program = "/" + (directory + ["baton-lab"]).joined(separator: "/")
        guard access(program, X_OK) == 0 else { throw Failure(message: "\(program) is missing; build it first") }
        return program
    }

    private static func line(of output: UnsafeMutablePointer<FILE>) throws -> Data {
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        let count = getline(&line, &capacity, output)
        guard count > 0, let line else { throw Failure(message: "baton-lab up ended; see its message above") }
        return Data(bytes: line, count: count)
    }
}
