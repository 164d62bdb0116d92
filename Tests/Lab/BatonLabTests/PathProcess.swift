// SPDX-License-Identifier: Apache-2.0

import CLinux
import FoundationEssentials
import Glibc
import PathEmulator

/// `baton-lab path` between the namespaces of a session: a program that is told lines and answers in lines.
final class PathProcess {
    let process: pid_t
    private var input: Int32
    private let output: UnsafeMutablePointer<FILE>
    private var status: Int32?

    /// Starts it; waits until its devices exist, or it has ended.
    init(_ session: LabSession, device: String, plan: PathPlan, options: [String] = []) throws {
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard clinux_make_pipe(&toChild) == 0, clinux_make_pipe(&fromChild) == 0 else {
            throw LinuxError(call: "pipe2(2)", subject: "baton-lab path")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        let program = try LabSession.program()
        let text = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
        let words =
            [
                program, "path", "--first", "\(session.server.name):\(device)", "--second",
                "\(session.client.name):\(device)", "--plan", text,
            ] + options
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, program, &actions, nil, &arguments, Glibc.environ)
        close(toChild[0])
        close(fromChild[1])
        guard result == 0, let output = fdopen(fromChild[0], "r") else {
            throw LinuxError(call: "posix_spawn(3)", subject: program, errorNumber: result)
        }
        self.process = process
        self.output = output
        input = toChild[1]
        _ = try? line()
    }

    deinit {
        if status == nil {
            kill(process, SIGTERM)
            _ = wait()
        }
        closeInput()
        fclose(output)
    }

    /// The next line.
    func line() throws -> String {
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        let count = getline(&line, &capacity, output)
        guard count > 0, let line else { throw LabSession.Failure(message: "baton-lab path ended") }
        return String(cString: line)
    }

    /// Says a line and returns the answer.
    func answer(_ command: String) throws -> String {
        let text = command + "\n"
        _ = write(input, text, text.utf8.count)
        return try line()
    }

    /// Says a line whose answer is known.
    func answer(_ command: String, with expected: String) throws {
        let answer = try answer(command)
        guard answer == expected + "\n" else {
            throw LabSession.Failure(message: "\(command) was answered by \(answer)")
        }
    }

    func report() throws -> PathReport {
        try JSONDecoder().decode(PathReport.self, from: Data(try answer("report").utf8))
    }

    func closeInput() {
        if input >= 0 {
            close(input)
            input = -1
        }
    }

    /// Its exit status, or 128 + the signal that ended it.
    func wait() -> Int32 {
        var raw: Int32 = 0
        while waitpid(process, &raw, 0) < 0 && errno == EINTR {}
        let value = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        status = value
        return value
    }
}
