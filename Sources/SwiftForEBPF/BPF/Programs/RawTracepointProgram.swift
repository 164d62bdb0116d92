// SPDX-License-Identifier: Apache-2.0

/// A program at a tracepoint of the kernel, with the tracepoint's arguments as numbers
/// (`BPF_PROG_TYPE_RAW_TRACEPOINT`).
public struct RawTracepointProgram: ~Copyable, Program {
    private let descriptor: Descriptor
    private let name: String
    /// What its section says.
    private let tracepoint: String?

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.rawTracepoint, descriptor, name)
        self.name = name
        if case .rawTracepoint(let tracepoint) = programKind, !tracepoint.isEmpty {
            self.tracepoint = tracepoint
        } else {
            tracepoint = nil
        }
        self.descriptor = descriptor
    }

    /// Attaches it to a tracepoint (`BPF_RAW_TRACEPOINT_OPEN`).
    ///
    /// - Parameter tracepoint: for instance `sched_switch`; `nil`: the one that the program's section names.
    /// - Returns: what keeps it attached.
    /// - Throws: `notFound` if there is no such tracepoint, `invalid` if none is known, `permission`.
    public func attach(to tracepoint: String? = nil) throws(BPFError) -> TracingLink {
        guard let tracepoint = tracepoint ?? self.tracepoint else {
            throw BPFError(
                .invalid, "attaching the program '\(name)'", reason: "it isn't known to which tracepoint",
                remedy: "give its name")
        }
        return try TracingLink(attaching: fileDescriptor, name, tracepoint: tracepoint)
    }
}
