// SPDX-License-Identifier: Apache-2.0

/// A map of a type that this library has no Swift type for: to be pinned, or handed to another map or program.
public struct AnyMap: ~Copyable, Map {
    private let descriptor: Descriptor

    /// The descriptor's number.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Takes a descriptor over.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) { self.descriptor = descriptor }
}
