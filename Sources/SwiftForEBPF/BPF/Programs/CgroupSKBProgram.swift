// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf

/// A program that sees, and may drop, the packets of a cgroup's sockets (`BPF_PROG_TYPE_CGROUP_SKB`).
public struct CgroupSKBProgram: ~Copyable, Program {
    /// Which packets.
    public enum Direction: String, Sendable {
        /// Those that arrive (`BPF_CGROUP_INET_INGRESS`).
        case ingress
        /// Those that leave (`BPF_CGROUP_INET_EGRESS`).
        case egress
    }

    private let descriptor: Descriptor
    private let name: String
    /// What its section says.
    private let direction: Direction?

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
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

    /// Attaches it to a cgroup, beside what is attached already.
    ///
    /// - Parameters:
    ///   - cgroup: the one whose sockets, and those of the cgroups below it, the program sees.
    ///   - direction: needed if the program's section doesn't say it, as `cgroup_skb/egress` does, or isn't known because
    ///     the program was opened from a pin.
    /// - Returns: what keeps it attached.
    /// - Throws: `invalid` without a direction, or with another one than its section's; `permission`, `unsupported`
    ///   before Linux 5.7.
    public func attach(to cgroup: Cgroup, direction: Direction? = nil) throws(BPFError) -> CgroupLink {
        guard let direction = direction ?? self.direction else {
            throw BPFError(
                .invalid, "attaching the program '\(name)'", reason: "it isn't known for which packets",
                remedy: "give a direction")
        }
        // The kernel would take it.
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
