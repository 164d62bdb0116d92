// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A cgroup of the unified hierarchy (v2).
public struct Cgroup: Sendable, Equatable {
    /// Its directory.
    public let path: String
    /// The number that the kernel knows it by; that of its directory.
    public let id: UInt64

    /// - Throws: `notFound` if there is no such directory, `invalid` if it is no cgroup or one of a v1 hierarchy.
    public init(path: String) throws(BPFError) {
        let action = "using '\(path)' as a cgroup"
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BPFError(
                errno == ENOENT ? .notFound : .invalid, action, errno: errno,
                remedy: "give the directory of a cgroup2, for instance \(Cgroup.example)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw BPFError(
                .invalid, action, reason: "this is no directory",
                remedy: "give the directory of a cgroup2, for instance \(Cgroup.example)")
        }
        var system = statfs()
        guard statfs(path, &system) == 0, UInt64(system.f_type) == UInt64(CGROUP2_SUPER_MAGIC) else {
            let isV1 = UInt64(system.f_type) == UInt64(CGROUP_SUPER_MAGIC)
            throw BPFError(
                .invalid, action, reason: isV1 ? "this is a cgroup of version 1" : "this is no cgroup",
                remedy: "give the directory of a cgroup2, for instance \(Cgroup.example)")
        }
        self.path = path
        self.id = UInt64(status.st_ino)
    }

    private static var example: String { Mounts.cgroup2 ?? "one below a mounted cgroup2" }

    /// Finds a cgroup by its number below a directory.
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
}

/// A program attached to a cgroup through a link (`BPF_LINK_CREATE`): it runs for as long as a descriptor or a pin holds
/// the link, beside other programs of the same kind.
public struct CgroupLink: ~Copyable, Sendable {
    /// The object in the kernel.
    public let descriptor: Descriptor

    /// Attaches a `sock_ops` program.
    public init(sockOps program: borrowing Descriptor, to cgroup: Cgroup) throws(BPFError) {
        let directory = open(cgroup.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw BPFError("opening the cgroup \(cgroup.path)", errno: errno) }
        defer { _ = close(directory) }
        let link = bpf_link_create(program.rawValue, directory, BPF_CGROUP_SOCK_OPS, nil)
        descriptor = Descriptor(owning: try check(link, "attaching a sock_ops program to \(cgroup.path)"))
    }

    /// Opens a pinned link.
    public init(pinnedAt path: String) throws(BPFError) { descriptor = try Descriptor(pinnedAt: path) }

    /// Puts another program into the place of the present one, without a moment in which there is none
    /// (`BPF_LINK_UPDATE`).
    public func update(_ program: borrowing Descriptor) throws(BPFError) {
        try check(bpf_link_update(descriptor.rawValue, program.rawValue, nil), "replacing an attached program")
    }

    /// The number of the cgroup; 0 if that cgroup was removed.
    public func cgroupID() throws(BPFError) -> UInt64 { try info().cgroup.cgroup_id }

    /// The number of the attached program.
    public func programID() throws(BPFError) -> UInt32 { try info().prog_id }

    private func info() throws(BPFError) -> bpf_link_info {
        var info = bpf_link_info()
        var length = UInt32(MemoryLayout<bpf_link_info>.size)
        try check(bpf_obj_get_info_by_fd(descriptor.rawValue, &info, &length), "asking about a link")
        return info
    }
}
