// SPDX-License-Identifier: Apache-2.0

/// One function of a struct_ops (`BPF_PROG_TYPE_STRUCT_OPS`). It is called once the variable that holds it is
/// registered.
public struct StructOpsProgram: ~Copyable, Program {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    ///
    /// - Throws: `mismatch` if it is a program of another type.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        try ProgramType.demand(.structOps, descriptor, name)
        self.descriptor = descriptor
    }
}
