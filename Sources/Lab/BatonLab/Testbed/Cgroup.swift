// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// A cgroup (version 2) of the lab's own.
package struct Cgroup {
    /// Its directory.
    let path: String

    /// Where cgroup2 is mounted: /sys/fs/cgroup on most machines, /sys/fs/cgroup/unified beside version 1.
    static func mountPoint() throws -> String {
        guard let point = try MountTable.current().firstMountPoint(of: "cgroup2") else {
            throw LabError(
                .unavailable, "no cgroup2 file system is mounted; run `mount -t cgroup2 none /sys/fs/cgroup` as root")
        }
        return point
    }

    /// Creates the cgroup `name` at the top of the hierarchy.
    static func make(_ name: String) throws -> Cgroup {
        let path = "\(try mountPoint())/\(name)"
        guard mkdir(path, 0o755) == 0 else { throw LinuxError(call: "mkdir(2)", subject: path) }
        return Cgroup(path: path)
    }

    /// The processes in it and below it.
    var processes: [pid_t] {
        let own = (try? TextFile.read("\(path)/cgroup.procs"))?.split(separator: "\n").compactMap { pid_t($0) } ?? []
        return own + children.flatMap(\.processes)
    }

    /// Kills the processes that are still in it, and removes it with everything below it.
    func remove() throws {
        let deadline = MonotonicClock.now() + 5_000_000_000
        while true {
            processes.forEach { kill($0, SIGKILL) }
            children.forEach { try? $0.remove() }
            if rmdir(path) == 0 || errno == ENOENT { return }
            // a killed process stays listed until its parent has waited for it
            guard errno == EBUSY, MonotonicClock.now() < deadline else {
                throw LinuxError(call: "rmdir(2)", subject: path, advice: "end the processes that are left in it")
            }
            usleep(10_000)
        }
    }

    private var children: [Cgroup] {
        TextFile.names(in: path).filter { access("\(path)/\($0)/cgroup.procs", F_OK) == 0 }
            .map { Cgroup(path: "\(path)/\($0)") }
    }
}
