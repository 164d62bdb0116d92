// SPDX-License-Identifier: Apache-2.0

/// A program at the beginning or end of a kernel function (`fentry`, `fexit`), or at a tracepoint with typed arguments
/// (`tp_btf`): `BPF_PROG_TYPE_TRACING`. Its section decides where it is attached; loading fixes it.
public struct TracingProgram: ~Copyable, Program {
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
        try ProgramType.demand(.tracing, descriptor, name)
        self.name = name
        self.descriptor = descriptor
    }

    /// Attaches it to the function that its section names.
    ///
    /// - Returns: the link, which keeps it attached.
    /// - Throws: `permission`; `unsupported` if the kernel has no BPF trampolines for this architecture.
    public func attach() throws(BPFError) -> TracingLink {
        try TracingLink(attaching: fileDescriptor, name, tracepoint: nil)
    }
}
