// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// What earlier runs left behind because they were killed before they could remove it.
enum Leftovers {
    /// Removes everything whose owner is no longer running.
    ///
    /// - Throws: `LabError` if something cannot be removed.
    static func sweep(_ command: Command) throws {
        let cgroupRoot = try Cgroup.mountPoint()
        for name in stale(in: cgroupRoot) {
            Progress.say("removing cgroup \(name) of a run that was killed")
            try Cgroup(path: "\(cgroupRoot)/\(name)").remove()
        }
        for name in stale(in: NetworkNamespace.directory) {
            Progress.say("removing network namespace \(name) of a run that was killed")
            try LabNamespace.remove(name, command)
        }
        for name in stale(in: LabNames.runDirectory) {
            try RunDirectory.remove("\(LabNames.runDirectory)/\(name)")
        }
    }

    private static func stale(in directory: String) -> [String] {
        TextFile.names(in: directory).filter { name in LabNames.owner(of: name).map { !isRunning($0) } ?? false }
    }

    /// Whether a process is running and is this program: its id may have been reused since.
    private static func isRunning(_ process: pid_t) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(process)/exe", &buffer, buffer.count)
        guard count > 0 else { return false }
        // the kernel appends " (deleted)" if the program was rebuilt meanwhile
        let name = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "/").last ?? ""
        return name.prefix { $0 != " " } == Executable.path.split(separator: "/").last.map { $0.prefix { $0 != " " } }
            ?? ""
    }
}
