// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// A program attached to a cgroup (`BPF_LINK_TYPE_CGROUP`, Linux 5.7). A cgroup can have several programs of one kind.
public struct CgroupLink: ~Copyable, Link {
    private let descriptor: Descriptor

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
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

    /// Replaces the attached program atomically, so that there is no moment without a program (`BPF_LINK_UPDATE`).
    ///
    /// - Throws: `invalid` if the new program is of another type; `system` (ENOLINK) if the cgroup was removed.
    public func update(_ program: borrowing SockOpsProgram) throws(BPFError) { try update(with: program) }

    /// Replaces the attached program atomically, so that there is no moment without a program (`BPF_LINK_UPDATE`).
    ///
    /// - Throws: `invalid` if the new program is of another type or direction; `system` (ENOLINK) if the cgroup was
    ///   removed.
    public func update(_ program: borrowing CgroupSKBProgram) throws(BPFError) { try update(with: program) }

    /// The number of the cgroup, as in `Cgroup.id`; 0 if the cgroup was removed.
    public func cgroupID() throws(BPFError) -> UInt64 { try LinkInfo.raw(fileDescriptor).cgroup.cgroup_id }
}
