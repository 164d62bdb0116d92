// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A program that the kernel calls for each packet of a cgroup's sockets, and that may drop it
/// (`BPF_PROG_TYPE_CGROUP_SKB`).
public struct CgroupSKBProgram: ~Copyable, Program {
    /// The direction of the packets.
    public enum Direction: String, Sendable {
        /// Received packets (`BPF_CGROUP_INET_INGRESS`).
        case ingress
        /// Sent packets (`BPF_CGROUP_INET_EGRESS`).
        case egress
    }

    private let descriptor: Descriptor
    private let name: String
    /// The direction that its section names.
    private let direction: Direction?

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.cgroupSKB, descriptor, name)
        self.name = name
        if case .cgroupSKB(let direction) = programKind { self.direction = direction } else { direction = nil }
        self.descriptor = descriptor
    }

    /// Attaches it to a cgroup, in addition to the programs that are already attached.
    ///
    /// - Parameters:
    ///   - cgroup: the program is called for packets of this cgroup's sockets and of those of all cgroups below it.
    ///   - direction: required if the program's section doesn't name one (as `cgroup_skb/egress` does), or if the
    ///     section isn't known because the program was opened from a pin.
    /// - Returns: the link, which keeps it attached.
    /// - Throws: `invalid` without a direction, or if it differs from the section's; `permission`; `unsupported` before
    ///   Linux 5.7.
    public func attach(to cgroup: Cgroup, direction: Direction? = nil) throws(BPFError) -> CgroupLink {
        guard let direction = direction ?? self.direction else {
            throw BPFError(
                .invalid, "attaching the program '\(name)'", reason: "its direction isn't known",
                remedy: "give a direction")
        }
        // The kernel would accept it.
        if let own = self.direction, own != direction {
            throw BPFError(
                .invalid, "attaching the program '\(name)' as \(direction.rawValue)",
                reason: "its section says \(own.rawValue)", remedy: "leave the direction out")
        }
        return try CgroupLink(
            attaching: fileDescriptor, name, to: cgroup,
            as: direction == .ingress ? BPF_CGROUP_INET_INGRESS : BPF_CGROUP_INET_EGRESS)
    }
}
