// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Glibc
import PathEmulator

/// The last step before a child's own program: joins its cgroup, and makes it end when its parent does.
struct EnterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enter", abstract: "Run a command in a cgroup; it ends when its parent ends.", shouldDisplay: false
    )

    @Option(help: "Directory of the cgroup to join.")
    var cgroup: String?

    @Option(help: "Process id of the parent.")
    var parent: Int32

    @Argument(parsing: .postTerminator)
    var command: [String]

    func run() throws {
        // kept across execve(2), so that nothing keeps running if the parent is killed
        guard clinux_set_parent_death_signal(SIGTERM) == 0 else {
            throw LinuxError(call: "prctl(PR_SET_PDEATHSIG)", subject: command[0])
        }
        guard getppid() == parent else { throw LabError("process \(parent), which asked for \(command[0]), has ended") }
        if let cgroup {
            try TextFile.write("\(getpid())\n", to: "\(cgroup)/cgroup.procs")
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        execvp(command[0], &arguments)
        throw LinuxError(call: "execvp(3)", subject: command[0])
    }
}
