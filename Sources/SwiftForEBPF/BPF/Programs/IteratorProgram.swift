// SPDX-License-Identifier: Apache-2.0

/// A program that the kernel calls for each object of a kind, one after the other, when user space asks for it: a BPF
/// iterator (`BPF_PROG_TYPE_TRACING`, Linux 5.8). Its section names the kind: `iter/tcp` visits TCP sockets,
/// `iter/udp` UDP's, `iter/task` tasks.
public struct IteratorProgram: ~Copyable, Program {
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

    /// Makes it ready to be run; it visits nothing yet.
    ///
    /// - Returns: what runs it.
    /// - Throws: `permission`; `invalid` if it is no iterator, or one that has to be told what to walk through, as
    ///   `iter/bpf_map_elem` has.
    public func attach() throws(BPFError) -> IteratorLink { try IteratorLink(attaching: fileDescriptor, name) }
}
