// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A program that the kernel calls for events of TCP connections (`BPF_PROG_TYPE_SOCK_OPS`): established, a new state,
/// a round trip, …
public struct SockOpsProgram: ~Copyable, Program {
    private let descriptor: Descriptor
    private let name: String

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.sockOps, descriptor, name)
        self.name = name
        self.descriptor = descriptor
    }

    /// Attaches it to a cgroup (`BPF_CGROUP_SOCK_OPS`), in addition to the programs that are already attached. The
    /// kernel calls it for the sockets of processes in this cgroup and in those below it, existing sockets included.
    ///
    /// - Returns: the link, which keeps it attached.
    /// - Throws: `permission`, `unsupported` before Linux 5.7.
    public func attach(to cgroup: Cgroup) throws(BPFError) -> CgroupLink {
        try CgroupLink(attaching: fileDescriptor, name, to: cgroup, as: BPF_CGROUP_SOCK_OPS)
    }
}
