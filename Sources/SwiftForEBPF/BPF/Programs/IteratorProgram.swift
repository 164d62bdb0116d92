// SPDX-License-Identifier: Apache-2.0

/// A BPF iterator: a program that the kernel calls once for each object of a kind when user space runs it
/// (`BPF_PROG_TYPE_TRACING`, Linux 5.8). Its section names the kind: `iter/tcp` visits TCP sockets, `iter/udp` UDP
/// sockets, `iter/task` tasks.
public struct IteratorProgram: ~Copyable, Program {
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

    /// Attaches it, so that it can be run. It visits nothing yet.
    ///
    /// - Returns: the link, which runs it.
    /// - Throws: `permission`; `invalid` if it isn't an iterator, or is one that needs a parameter, such as the map of
    ///   `iter/bpf_map_elem`.
    public func attach() throws(BPFError) -> IteratorLink { try IteratorLink(attaching: fileDescriptor, name) }
}
