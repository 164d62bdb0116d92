// SPDX-License-Identifier: Apache-2.0

/// A program of a type that this library has no Swift type for: to be pinned, or to be asked about.
public struct AnyProgram: ~Copyable, Program {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    public init(
        _ descriptor: consuming Descriptor, name: String, kind programKind: ProgramKind?
    ) throws(BPFError) {
        self.descriptor = descriptor
    }
}
