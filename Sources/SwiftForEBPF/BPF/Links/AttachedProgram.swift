// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program that is attached to a cgroup by `BPF_PROG_ATTACH`.
struct AttachedProgram {
    let id: UInt32
    let name: String
    let cgroup: String
    /// As bpftool names it.
    let kind: String

    /// The program that keeps others from being attached to a cgroup. The kernel answers EPERM if a program of the same
    /// kind was attached to the cgroup itself without `BPF_F_ALLOW_MULTI`, or to one above it without any flag
    /// (`hierarchy_allows_attach`, `__cgroup_bpf_attach`).
    ///
    /// - Parameter errno: the kernel's answer.
    /// - Returns: `nil` if that wasn't EPERM, or no such program is found.
    static func obstacle(to type: bpf_attach_type, in cgroup: Cgroup, errno: Int32) -> AttachedProgram? {
        guard errno == EPERM else { return nil }
        var path = cgroup.path
        var isOwn = true
        while Cgroup.isCgroup2(path) {
            if let (flags, ids) = query(type, path), let id = ids.first, flags & BPFFlags.allowMulti == 0 {
                // An overridable program above doesn't stand in the way.
                if isOwn || flags & BPFFlags.allowOverride == 0 {
                    return AttachedProgram(id: id, name: programName(id), cgroup: path, kind: type.bpftoolName)
                }
            }
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
            path = String(path[..<slash])
            isOwn = false
        }
        return nil
    }

    /// What is in the way.
    var description: String {
        "the program '\(name)' (id \(id)) is attached to \(cgroup) without 'multi' (BPF_F_ALLOW_MULTI), which keeps others out"
    }

    /// What to do.
    var remedy: String {
        "have its owner attach it with 'multi', or detach it: bpftool cgroup detach \(cgroup) \(kind) id \(id)"
    }

    /// Flags and programs of a cgroup itself; `nil` if the kernel doesn't say.
    private static func query(_ type: bpf_attach_type, _ path: String) -> (flags: UInt32, ids: [UInt32])? {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return nil }
        defer { _ = close(directory) }
        var flags: UInt32 = 0
        var ids = [UInt32](repeating: 0, count: 64)
        var count = UInt32(ids.count)
        guard bpf_prog_query(directory, type, 0, &flags, &ids, &count) == 0 else { return nil }
        return (flags, Array(ids.prefix(Int(count))))
    }

    private static func programName(_ id: UInt32) -> String {
        let descriptor = Descriptor(owning: bpf_prog_get_fd_by_id(id))
        guard descriptor.rawValue >= 0 else { return "?" }
        do throws(BPFError) { return try ProgramInfo(descriptor).name } catch { return "?" }
    }
}

/// Flags of `BPF_PROG_ATTACH` (<linux/bpf.h>).
private enum BPFFlags {
    /// `BPF_F_ALLOW_OVERRIDE`.
    static let allowOverride: UInt32 = 1
    /// `BPF_F_ALLOW_MULTI`.
    static let allowMulti: UInt32 = 2
}

extension bpf_attach_type {
    fileprivate var bpftoolName: String {
        switch self {
        case BPF_CGROUP_SOCK_OPS: "sock_ops"
        case BPF_CGROUP_INET_INGRESS: "ingress"
        case BPF_CGROUP_INET_EGRESS: "egress"
        default: "ATTACH_TYPE"
        }
    }
}
