// SPDX-License-Identifier: Apache-2.0

import Glibc
import PathEmulator

/// A directory of the run's own, with a BPF file system in it for the pins.
///
/// A private BPF file system works on machines that have none mounted, leaves other programs' pins alone, and removes
/// all its pins when it is unmounted.
struct RunDirectory {
    /// The directory.
    let path: String

    /// The BPF file system in it.
    var pins: String { "\(path)/bpf" }

    /// Creates it, accessible to root only; `teardown` removes it.
    static func make(_ names: LabNames, _ teardown: Teardown) throws -> RunDirectory {
        let directory = RunDirectory(path: names.directory)
        guard mkdir(directory.path, 0o700) == 0 else { throw LinuxError(call: "mkdir(2)", subject: directory.path) }
        teardown.add("directory \(directory.path)") { try remove(directory.path) }
        guard mkdir(directory.pins, 0o700) == 0 else { throw LinuxError(call: "mkdir(2)", subject: directory.pins) }
        guard mount("bpf", directory.pins, "bpf", 0, nil) == 0 else {
            throw LinuxError(
                call: "mount(2)", subject: "a BPF file system at \(directory.pins)",
                advice: "run it as root on a kernel with CONFIG_BPF_SYSCALL")
        }
        return directory
    }

    /// Removes such a directory with everything in it.
    static func remove(_ path: String) throws {
        if umount2("\(path)/bpf", Int32(MNT_DETACH)) < 0, errno != EINVAL, errno != ENOENT {
            throw LinuxError(call: "umount2(2)", subject: "\(path)/bpf")
        }
        try TextFile.remove(path)
    }
}
