// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A kernel structure, identified by its name in the kernel's BTF.
///
/// ```swift
/// enum TaskStruct: KernelStructure { static var kernelName: StaticString { "task_struct" } }
/// ```
public protocol KernelStructure {
    /// The name, for example `sock`, `tcp_sock` or `sk_buff`.
    static var kernelName: StaticString { get }
}

/// A pointer to a kernel structure. Its fields are properties with the kernel's names:
///
/// ```swift
/// let window: UInt32 = socket.snd_cwnd
/// socket.snd_ssthresh = window
/// ```
///
/// The loader fills in each field's offset from the running kernel's BTF (CO-RE). A field that this kernel lacks is an
/// error when the program is loaded, unless the program checks `has` first. The verifier decides whether a field may be
/// written.
@dynamicMemberLookup
public struct KernelPointer<Structure: KernelStructure>: SocketReference {
    /// The address of the structure.
    public let address: UnsafeMutableRawPointer

    /// Makes a pointer from an address. The verifier checks that it points at this structure.
    @inline(__always)
    public init(_ address: UnsafeMutableRawPointer) { self.address = address }

    /// An integer field, signed or unsigned, which must be as wide as the expression's type. A field of another width
    /// is an error when the program is loaded, "accesses field incorrectly". Use `enumeration` for an enumeration. Bit
    /// fields aren't supported.
    @_disfavoredOverload
    public subscript<Value: FixedWidthInteger>(dynamicMember field: StaticString) -> Value {
        @inline(__always) get { pointer(to: field, BPFC_SHAPE_INTEGER).pointee }
        @inline(__always) nonmutating set { pointer(to: field, BPFC_SHAPE_INTEGER).pointee = newValue }
    }

    /// A field that is a pointer to another structure; `nil` if it is null.
    @_disfavoredOverload
    public subscript<Other>(dynamicMember field: StaticString) -> KernelPointer<Other>? {
        @inline(__always) get {
            let pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?> = pointer(to: field, BPFC_SHAPE_POINTER)
            return pointer.pointee.map { KernelPointer<Other>($0) }
        }
    }

    /// An integer field, also one of an embedded structure: `sk.field("__sk_common.skc_daddr", as: UInt32.self)`.
    ///
    /// - Parameters:
    ///   - path: a literal with the names, separated by dots.
    ///   - type: the field's integer type, if the context doesn't determine it.
    @inline(__always)
    public func field<Value: FixedWidthInteger>(_ path: StaticString, as type: Value.Type = Value.self) -> Value {
        (pointer(to: path, BPFC_SHAPE_INTEGER) as UnsafeMutablePointer<Value>).pointee
    }

    /// A pointer to a structure that is embedded in this one.
    ///
    /// - Parameters:
    ///   - path: a literal with the names, separated by dots.
    ///   - type: the embedded structure, if the context doesn't determine it.
    @inline(__always)
    public func embedded<Other>(_ path: StaticString, as type: Other.Type = Other.self) -> KernelPointer<Other> {
        KernelPointer<Other>(
            address + Int(truncatingIfNeeded: Self.information(path, BPFC_FIELD_OFFSET, BPFC_SHAPE_STRUCTURE, 0)))
    }

    /// A field whose type is an enumeration, as a number: `socket.enumeration("state", as: UInt32.self)`.
    ///
    /// - Parameters:
    ///   - path: a literal with the names, separated by dots.
    ///   - type: an integer type as wide as the field, if the context doesn't determine it.
    @inline(__always)
    public func enumeration<Value: FixedWidthInteger>(_ path: StaticString, as type: Value.Type = Value.self) -> Value {
        (pointer(to: path, BPFC_SHAPE_ENUMERATION) as UnsafeMutablePointer<Value>).pointee
    }

    /// Whether the running kernel's structure has a field (`bpf_core_field_exists`) of any type except a bit field. On
    /// a kernel without the field, the verifier removes the code that depends on it.
    ///
    /// - Parameter path: a literal with the names, separated by dots.
    @inline(__always)
    public static func has(_ path: StaticString) -> Bool {
        // The loader finds only a field of the same kind of type.
        let asInteger = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_INTEGER, 8)
        let asPointer = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_POINTER, 8)
        let asStructure = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_STRUCTURE, 0)
        let asEnumeration = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_ENUMERATION, 4)
        let asArray = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_ARRAY, 1)
        return asInteger | asPointer | asStructure | asEnumeration | asArray != 0
    }

    /// An integer field that not every kernel has; `nil` if this kernel lacks it (`bpf_core_field_exists`).
    ///
    /// - Parameters:
    ///   - path: a literal with the names, separated by dots.
    ///   - type: the field's integer type, if the context doesn't determine it.
    @inline(__always)
    public func optional<Value: FixedWidthInteger>(_ path: StaticString, as type: Value.Type = Value.self) -> Value? {
        Self.information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_INTEGER, UInt64(MemoryLayout<Value>.size)) != 0
            ? field(path, as: type) : nil
    }

    /// The same pointer with another type: for example a `sock` as a `tcp_sock`, if the verifier knows that it is one.
    @inline(__always)
    public func cast<Other>(to type: Other.Type = Other.self) -> KernelPointer<Other> { KernelPointer<Other>(address) }

    @inline(__always)
    private func pointer<Value>(to field: StaticString, _ shape: bpfc_field_shape) -> UnsafeMutablePointer<Value> {
        let offset = Self.information(field, BPFC_FIELD_OFFSET, shape, UInt64(MemoryLayout<Value>.size))
        return (address + Int(truncatingIfNeeded: offset)).assumingMemoryBound(to: Value.self)
    }

    @inline(__always)
    private static func information(
        _ field: StaticString, _ info: bpfc_field_info, _ shape: bpfc_field_shape, _ bytes: UInt64
    ) -> UInt64 {
        bpf_kernel_field(
            Structure.kernelName.utf8Start, field.utf8Start, info.rawValue, shape.rawValue, bytes)
    }
}
