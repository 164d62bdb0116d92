// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program attached to a cgroup (Linux 5.7), beside other programs of the same kind.
public struct CgroupLink: ~Copyable, Link {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if it is a link of another type.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        try LinkType.demand([.cgroup], descriptor, name)
        self.descriptor = descriptor
    }

    init(
        attaching program: Int32, _ name: String, to cgroup: Cgroup, as type: bpf_attach_type
    ) throws(BPFError) {
        let action = "attaching the program '\(name)' to the cgroup \(cgroup.path)"
        let directory = open(cgroup.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw BPFError(action, call: "open", errno: errno) }
        defer { _ = close(directory) }
        let link = bpf_link_create(program, directory, type, nil)
        if link < 0, let obstacle = AttachedProgram.obstacle(to: type, in: cgroup, errno: -link) {
            throw BPFError(
                .mismatch, action, call: "BPF_LINK_CREATE", errno: -link, reason: obstacle.description,
                remedy: obstacle.remedy)
        }
        descriptor = Descriptor(
            owning: try check(link, "BPF_LINK_CREATE", action, remedy: Feature.cgroupLinks.remedy(for: link)))
    }

    /// Puts another program into the place of the present one, without a moment in which there is none
    /// (`BPF_LINK_UPDATE`).
    ///
    /// - Throws: `invalid` if it is a program of another kind; `system` (ENOLINK) if the cgroup was removed.
    public func update(_ program: borrowing SockOpsProgram) throws(BPFError) { try update(with: program) }

    /// Puts another program into the place of the present one, without a moment in which there is none
    /// (`BPF_LINK_UPDATE`).
    ///
    /// - Throws: `invalid` if it is a program of another kind or direction; `system` (ENOLINK) if the cgroup was
    ///   removed.
    public func update(_ program: borrowing CgroupSKBProgram) throws(BPFError) { try update(with: program) }

    /// The number of the cgroup; 0 if that cgroup was removed.
    public func cgroupID() throws(BPFError) -> UInt64 { try LinkInfo.raw(fileDescriptor).cgroup.cgroup_id }
}
