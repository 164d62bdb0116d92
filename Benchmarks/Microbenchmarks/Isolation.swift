// SPDX-License-Identifier: Apache-2.0

import BPF
import CIsolation
import Glibc

/// This process's own network namespace and bpffs (CIsolation.h).
enum Isolation {
    /// Checks that both exist.
    ///
    /// - Throws: if they don't, with what is needed.
    static func demand() throws {
        if isolation_error() != 0 {
            let call = String(cString: isolation_failed_call())
            let reason = String(cString: strerror(isolation_error()))
            throw Failure(
                "\(call): \(reason); the benchmarks load programs into the kernel: run 'make microbench' as root")
        }
    }

    /// Writes to a file of the kernel.
    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(call: "opening \(path)") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw Failure(call: "writing '\(text)' to \(path)")
        }
    }
}

/// Makes the kernel count the time and the calls of programs while this value exists.
struct ProgramTimeCounting: ~Copyable {
    private let descriptor: Int32

    /// - Throws: if the kernel can't count (it needs Linux 5.8 and root).
    init() throws {
        descriptor = isolation_count_program_time()
        guard descriptor >= 0 else { throw Failure(call: "BPF_ENABLE_STATS") }
    }

    deinit { close(descriptor) }
}

extension Cgroup {
    /// Creates a cgroup that is removed when this process ends.
    static func temporary(_ name: String) throws -> Cgroup {
        guard let root = Mounts.cgroup2 else {
            throw Failure("no cgroup2 is mounted; mount -t cgroup2 none /sys/fs/cgroup")
        }
        try removeLeftovers(below: root)
        let path = "\(root)/\(prefix)\(getpid())-\(name)"
        guard mkdir(path, 0o755) == 0 else { throw Failure(call: "creating the cgroup \(path)") }
        guard isolation_remove_at_exit(path, try Cgroup.own().path) == 0 else {
            let failure = Failure(call: "registering \(path) for removal")
            rmdir(path)
            throw failure
        }
        return try Cgroup(path: path)
    }

    /// Calls `body` as a process in this cgroup. A socket belongs to the cgroup in which it was created, and an
    /// accepted socket to that of its listener.
    func run<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        let home = try Cgroup.own()
        try Isolation.write("0", to: path + "/cgroup.procs")
        let result: Result
        do { result = try body() } catch {
            try Isolation.write("0", to: home.path + "/cgroup.procs")
            throw error
        }
        try Isolation.write("0", to: home.path + "/cgroup.procs")
        return result
    }

    private static var prefix: String { "baton-benchmark-" }

    /// Removes the cgroups of processes that were killed before they could clean up.
    private static func removeLeftovers(below root: String) throws {
        guard let directory = opendir(root) else { throw Failure(call: "reading \(root)") }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(prefix), let process = name.dropFirst(prefix.count).split(separator: "-").first,
                let number = pid_t(process), kill(number, 0) != 0, errno == ESRCH
            else { continue }
            rmdir("\(root)/\(name)")
        }
    }
}
