// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A structure of the kernel, by the name that the kernel's BTF has for it.
///
/// ```swift
/// enum TaskStruct: KernelStructure { static var kernelName: StaticString { "task_struct" } }
/// ```
public protocol KernelStructure {
    /// `sock`, `tcp_sock`, `sk_buff`, …
    static var kernelName: StaticString { get }
}

/// A pointer to one of the kernel's structures, whose fields read like properties under the kernel's own names:
///
/// ```swift
/// let window: UInt32 = socket.snd_cwnd
/// socket.snd_ssthresh = window
/// ```
///
/// Offsets are those of the running kernel: the loader fills them in from its BTF (CO-RE). A field that this kernel lacks is
/// an error at load, unless the program asks `has` first. Whether a field may be written is the verifier's to say.
@dynamicMemberLookup
public struct KernelPointer<Structure: KernelStructure>: SocketReference {
    /// Where the structure lies.
    public let address: UnsafeMutableRawPointer

    /// A pointer to a structure of this kind; the verifier checks that it is one.
    @inline(__always)
    public init(_ address: UnsafeMutableRawPointer) { self.address = address }

    /// A field that is an integer, signed or not, as wide as the expression's type. A field of another width is an error at
    /// load, "accesses field incorrectly". Enumerations have `enumeration`; bit fields can't be had.
    @_disfavoredOverload
    public subscript<Value: FixedWidthInteger>(dynamicMember field: StaticString) -> Value {
        @inline(__always) get { pointer(to: field, BPFC_SHAPE_INTEGER).pointee }
        @inline(__always) nonmutating set { pointer(to: field, BPFC_SHAPE_INTEGER).pointee = newValue }
    }

    /// A field that points at another structure; `nil` if it is a null pointer.
    @_disfavoredOverload
    public subscript<Other>(dynamicMember field: StaticString) -> KernelPointer<Other>? {
        @inline(__always) get {
            let pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?> = pointer(to: field, BPFC_SHAPE_POINTER)
            return pointer.pointee.map { KernelPointer<Other>($0) }
        }
    }

    /// A field of a structure inside this one: `sk.field("__sk_common.skc_daddr", as: UInt32.self)`.
    ///
    /// - Parameters:
    ///   - path: names with dots between them; a literal.
    ///   - type: the integer that it is, if nothing else says it.
    @inline(__always)
    public func field<Value: FixedWidthInteger>(_ path: StaticString, as type: Value.Type = Value.self) -> Value {
        (pointer(to: path, BPFC_SHAPE_INTEGER) as UnsafeMutablePointer<Value>).pointee
    }

    /// The structure that lies in this one at a field.
    ///
    /// - Parameters:
    ///   - path: names with dots between them; a literal.
    ///   - type: what lies there, if nothing else says it.
    @inline(__always)
    public func embedded<Other>(_ path: StaticString, as type: Other.Type = Other.self) -> KernelPointer<Other> {
        KernelPointer<Other>(
            address + Int(truncatingIfNeeded: Self.information(path, BPFC_FIELD_OFFSET, BPFC_SHAPE_STRUCTURE, 0)))
    }

    /// A field of one of the kernel's enumerations, by its number: `socket.enumeration("state", as: UInt32.self)`.
    ///
    /// - Parameters:
    ///   - path: names with dots between them; a literal.
    ///   - type: an integer as wide as the field, if nothing else says it.
    @inline(__always)
    public func enumeration<Value: FixedWidthInteger>(_ path: StaticString, as type: Value.Type = Value.self) -> Value {
        (pointer(to: path, BPFC_SHAPE_ENUMERATION) as UnsafeMutablePointer<Value>).pointee
    }

    /// Whether the running kernel's structure has a field (`bpf_core_field_exists`), of whatever kind but a bit field. Code
    /// under this condition is left out where it has not.
    ///
    /// - Parameter path: names with dots between them; a literal.
    @inline(__always)
    public static func has(_ path: StaticString) -> Bool {
        // The loader looks for a field of the same kind.
        let asInteger = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_INTEGER, 8)
        let asPointer = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_POINTER, 8)
        let asStructure = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_STRUCTURE, 0)
        let asEnumeration = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_ENUMERATION, 4)
        let asArray = information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_ARRAY, 1)
        return asInteger | asPointer | asStructure | asEnumeration | asArray != 0
    }

    /// An integer field that not every kernel has; `nil` where this one lacks it (`bpf_core_field_exists`).
    @inline(__always)
    public func optional<Value: FixedWidthInteger>(_ path: StaticString, as type: Value.Type = Value.self) -> Value? {
        Self.information(path, BPFC_FIELD_EXISTS, BPFC_SHAPE_INTEGER, UInt64(MemoryLayout<Value>.size)) != 0
            ? field(path, as: type) : nil
    }

    /// This structure by another type: `sock` as `tcp_sock`, where the verifier knows that it is one.
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
