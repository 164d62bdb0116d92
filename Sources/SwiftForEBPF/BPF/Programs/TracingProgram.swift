// SPDX-License-Identifier: Apache-2.0

/// A program at the beginning or end of a function of the kernel (`fentry`, `fexit`), or at a tracepoint with typed
/// arguments (`tp_btf`): `BPF_PROG_TYPE_TRACING`. Where it belongs is set when it is loaded.
public struct TracingProgram: ~Copyable, Program {
    private let descriptor: Descriptor
    private let name: String

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
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
    /// - Returns: what keeps it attached.
    /// - Throws: `permission`, `unsupported` if the machine's kernel has no trampolines.
    public func attach() throws(BPFError) -> TracingLink {
        try TracingLink(attaching: fileDescriptor, name, tracepoint: nil)
    }
}
