// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator
import Scenarios

/// A child process that this process starts and ends.
///
/// It runs in a process group of its own, so that ^C reaches only this process, which then ends everything in order. It
/// is started through `baton-lab enter`, which joins the cgroup, and makes the child end even if its parent is killed.
final class ChildProcess {
    /// Where its standard error goes.
    enum Diagnostics {
        /// To this process's standard error.
        case inherited
        /// To its standard output.
        case withOutput
        /// Appended to a file.
        case log(String)
    }

    /// Its name in error messages.
    let name: String
    let processID: pid_t
    private let processDescriptor: Int32
    private var input: Int32
    private let output: Int32
    private let diagnostics: Diagnostics
    private var buffer: [UInt8] = []
    private var outputEnded = false
    private var status: Int32?

    /// - Parameters:
    ///   - name: its name in error messages.
    ///   - command: program (looked up in PATH) and arguments.
    ///   - namespace: its network namespace; nil for this process's own.
    ///   - cgroup: its cgroup; nil for this process's own.
    ///   - diagnostics: where its standard error goes.
    /// - Throws: `LinuxError` or `LabError` if it cannot be started.
    init(
        _ name: String, _ command: [String], in namespace: NetworkNamespace? = nil, cgroup: Cgroup? = nil,
        diagnostics: Diagnostics = .inherited
    ) throws {
        self.name = name
        self.diagnostics = diagnostics
        var inputPipe: (Int32, Int32) = (-1, -1)
        var outputPipe: (Int32, Int32) = (-1, -1)
        inputPipe = try Self.makePipe()
        do {
            outputPipe = try Self.makePipe()
        } catch {
            close(inputPipe.0)
            close(inputPipe.1)
            throw error
        }
        defer {
            close(inputPipe.0)
            close(outputPipe.1)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputPipe.0, 0)
        posix_spawn_file_actions_adddup2(&actions, outputPipe.1, 1)
        switch diagnostics {
        case .inherited: break
        case .withOutput: posix_spawn_file_actions_adddup2(&actions, outputPipe.1, 2)
        case .log(let file):
            posix_spawn_file_actions_addopen(&actions, 2, file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        var ignored = sigset_t()
        sigemptyset(&ignored)
        sigaddset(&ignored, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        let program = Executable.path
        var arguments = [program, "enter", "--parent", "\(getpid())"]
        if let cgroup {
            arguments += ["--cgroup", cgroup.path]
        }
        arguments += ["--"] + command
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        // the child inherits the network namespace of the thread that starts it
        var process: pid_t = 0
        let spawn = { posix_spawn(&process, program, &actions, &attributes, &pointers, Glibc.environ) }
        let result: Int32
        do {
            if let namespace {
                result = try namespace.perform(spawn)
            } else {
                result = spawn()
            }
        } catch {
            close(inputPipe.1)
            close(outputPipe.0)
            throw error
        }
        guard result == 0 else {
            close(inputPipe.1)
            close(outputPipe.0)
            throw LinuxError(call: "posix_spawn(3)", subject: name, errorNumber: result)
        }
        processID = process
        processDescriptor = clinux_open_process(process)
        input = inputPipe.1
        output = outputPipe.0
    }

    deinit {
        if status == nil {
            kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
        }
        closeInput()
        close(output)
        if processDescriptor >= 0 {
            close(processDescriptor)
        }
    }

    /// Its next line on standard output; nil once that has ended.
    ///
    /// - Throws: `Interruption` at a signal, `LabError` on a timeout.
    func nextLine(within limit: TimeSpan, signals: SignalDescriptor) throws -> String? {
        let deadline = MonotonicClock.now() + limit.nanoseconds
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            if outputEnded { return nil }
            guard try Self.wait(for: output, until: deadline, signals: signals) else {
                throw LabError("\(name) printed nothing for \(limit.description)\(logTail)")
            }
            readOutput()
        }
    }

    /// The complete lines that have arrived, without waiting.
    func linesSoFar() -> [String] {
        while !outputEnded {
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard clinux_poll(&descriptor, 1, 0) > 0 else { break }
            readOutput()
        }
        var lines: [String] = []
        while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: buffer[..<end], as: UTF8.self))
            buffer.removeSubrange(...end)
        }
        return lines
    }

    /// Waits for its end.
    ///
    /// - Returns: its exit status, or 128 + the signal that ended it; nil on a timeout.
    /// - Throws: `Interruption` at a signal.
    func waitForExit(within limit: TimeSpan, signals: SignalDescriptor) throws -> Int32? {
        if let status { return status }
        guard try Self.wait(for: processDescriptor, until: MonotonicClock.now() + limit.nanoseconds, signals: signals)
        else { return nil }
        return reap()
    }

    /// Writes to its standard input.
    func write(_ text: String) {
        _ = text.withCString { Glibc.write(input, $0, strlen($0)) }
    }

    /// Closes its standard input.
    func closeInput() {
        if input >= 0 {
            close(input)
            input = -1
        }
    }

    /// Sends it a signal if it is still running.
    func send(_ signal: Int32) {
        if status == nil {
            kill(processID, signal)
        }
    }

    /// Ends it: SIGTERM, then SIGKILL if it is still running after `grace`. Signals to this process wait meanwhile.
    ///
    /// - Returns: its exit status, or 128 + the signal that ended it.
    @discardableResult
    func stop(grace: TimeSpan = TimeSpan(nanoseconds: 5_000_000_000)) -> Int32 {
        if let status { return status }
        kill(processID, SIGTERM)
        var descriptor = pollfd(fd: processDescriptor, events: Int16(POLLIN), revents: 0)
        if clinux_poll(&descriptor, 1, grace.nanoseconds) <= 0 {
            kill(processID, SIGKILL)
        }
        return reap()
    }

    /// The last lines of its log, for an error message.
    var logTail: String {
        guard case .log(let log) = diagnostics, let text = try? TextFile.read(log) else { return "" }
        let lines = text.split(separator: "\n").suffix(12)
        return lines.isEmpty ? "" : "; its last output:\n    " + lines.joined(separator: "\n    ")
    }

    private func readOutput() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(output, &chunk, chunk.count)
        if count > 0 {
            buffer += chunk[..<count]
        } else if count == 0 || errno != EINTR {
            outputEnded = true
        }
    }

    private func reap() -> Int32 {
        var raw: Int32 = 0
        while waitpid(processID, &raw, 0) < 0 && errno == EINTR {}
        let signal = raw & 0x7F
        let value = signal == 0 ? (raw >> 8) & 0xFF : 128 + signal
        status = value
        return value
    }

    private static func makePipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard clinux_make_pipe(&ends) == 0 else { throw LinuxError(call: "pipe2(2)", subject: "a child process") }
        return (ends[0], ends[1])
    }

    /// Whether `descriptor` became readable before the deadline.
    private static func wait(
        for descriptor: Int32, until deadline: Int64, signals: SignalDescriptor
    ) throws -> Bool {
        while true {
            var descriptors = [
                pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = clinux_poll(&descriptors, 2, max(0, deadline - MonotonicClock.now()))
            guard ready >= 0 || errno == EINTR else { throw LinuxError(call: "ppoll(2)", subject: "a child process") }
            if let signal = signals.next() { throw Interruption(signal: signal) }
            if ready > 0 && descriptors[1].revents != 0 { return true }
            if MonotonicClock.now() >= deadline { return false }
        }
    }
}
