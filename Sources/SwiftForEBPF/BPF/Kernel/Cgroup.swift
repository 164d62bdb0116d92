// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A cgroup of the unified hierarchy (v2).
public struct Cgroup: Sendable, Equatable {
    /// The path of its directory.
    public let path: String
    /// Its number in the kernel: the inode number of its directory.
    public let id: UInt64

    /// Finds the cgroup of a directory.
    ///
    /// - Throws: `notFound` if the directory doesn't exist, `invalid` if it isn't a cgroup or belongs to a v1
    ///   hierarchy.
    public init(path: String) throws(BPFError) {
        let action = "using '\(path)' as a cgroup"
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BPFError(
                errno == ENOENT ? .notFound : .invalid, action, call: "stat", errno: errno, remedy: Cgroup.remedy)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw BPFError(.invalid, action, reason: "it is not a directory", remedy: Cgroup.remedy)
        }
        var system = statfs()
        guard statfs(path, &system) == 0, UInt64(system.f_type) == UInt64(CGROUP2_SUPER_MAGIC) else {
            let isV1 = UInt64(system.f_type) == UInt64(CGROUP_SUPER_MAGIC)
            throw BPFError(
                .invalid, action, reason: isV1 ? "it is a cgroup of version 1" : "it is not a cgroup",
                remedy: Cgroup.remedy)
        }
        self.path = path
        self.id = UInt64(status.st_ino)
    }

    /// Whether a directory lies in the unified hierarchy.
    static func isCgroup2(_ path: String) -> Bool {
        var system = statfs()
        return statfs(path, &system) == 0 && UInt64(system.f_type) == UInt64(CGROUP2_SUPER_MAGIC)
    }

    private static var remedy: String {
        "give the directory of a cgroup2, for instance \(Mounts.cgroup2 ?? "one below a mounted cgroup2")"
    }

    /// Finds a cgroup by its number, in a directory and everything below it.
    ///
    /// - Returns: the path of the cgroup; `nil` if there is none with this number.
    public static func path(ofID id: UInt64, below directory: String) -> String? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return nil }
        if UInt64(status.st_ino) == id { return directory }
        for name in Pin.names(in: directory) {
            let child = "\(directory)/\(name)"
            guard stat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            if let found = path(ofID: id, below: child) { return found }
        }
        return nil
    }

    /// The root of the mounted cgroup2 hierarchy, which contains all processes.
    ///
    /// - Throws: `unsupported` if no cgroup2 is mounted.
    public static func root() throws(BPFError) -> Cgroup {
        guard let path = Mounts.cgroup2 else { throw missing("looking for the root cgroup") }
        return try Cgroup(path: path)
    }

    /// The cgroup of this process.
    ///
    /// - Throws: `unsupported` if no cgroup2 is mounted.
    public static func own() throws(BPFError) -> Cgroup {
        guard let path = Mounts.ownCgroup else { throw missing("looking for the cgroup of this process") }
        return try Cgroup(path: path)
    }

    private static func missing(_ action: String) -> BPFError {
        BPFError(
            .unsupported, action, reason: "no cgroup2 is mounted", remedy: "mount -t cgroup2 none /sys/fs/cgroup")
    }
}
