// SPDX-License-Identifier: Apache-2.0

/// A program at a kernel tracepoint, which gets the tracepoint's arguments as numbers (`BPF_PROG_TYPE_RAW_TRACEPOINT`).
public struct RawTracepointProgram: ~Copyable, Program {
    private let descriptor: Descriptor
    private let name: String
    /// The tracepoint that its section names.
    private let tracepoint: String?

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes ownership of a descriptor.
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
    /// - Parameter tracepoint: for example `sched_switch`; `nil`: the one that the program's section names.
    /// - Returns: the link, which keeps it attached.
    /// - Throws: `notFound` if the tracepoint doesn't exist, `invalid` if neither names one, `permission`.
    public func attach(to tracepoint: String? = nil) throws(BPFError) -> TracingLink {
        guard let tracepoint = tracepoint ?? self.tracepoint else {
            throw BPFError(
                .invalid, "attaching the program '\(name)'", reason: "its tracepoint isn't known",
                remedy: "give the name of the tracepoint")
        }
        return try TracingLink(attaching: fileDescriptor, name, tracepoint: tracepoint)
    }
}
