// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Swift type with its layout, as used in a map, a variable or behind a pointer.
indirect enum SwiftType: Equatable {
    /// `UInt8` … `Int64`, `UInt`, `Int`.
    case integer(name: String, bits: Int, isSigned: Bool)
    case boolean
    /// `UnsafeMutablePointer<…>`, `UnsafeRawPointer`, …: 64 bits.
    case pointer
    case structure(Structure)
    case tuple([Member], bits: Int)
    /// `InlineArray`.
    case array(SwiftType, count: Int)
    /// An enumeration without associated values: one byte, the index of its case, whatever the raw values are.
    case enumeration(name: String, module: String, cases: [String])

    struct Member: Equatable {
        /// `nil` in a tuple without labels.
        var name: String?
        var type: SwiftType
        /// Bits from the start.
        var offset: Int
    }

    struct Structure: Equatable {
        /// The name in the source, without its module: `Prefix`.
        var name: String
        var module: String
        /// Generic arguments.
        var arguments: [SwiftType]
        var members: [Member]
        var bits: Int
    }

    /// Size in bits without the padding at the end (`MemoryLayout.size`).
    var bits: Int {
        switch self {
        case .integer(_, let bits, _): bits
        case .boolean, .enumeration: 8
        case .pointer: 64
        case .structure(let structure): structure.bits
        case .tuple(_, let bits): bits
        case .array(let element, let count): count == 0 ? 0 : element.stride * (count - 1) + element.bits
        }
    }

    /// Alignment in bits.
    var alignment: Int {
        switch self {
        case .integer(_, let bits, _): bits
        case .boolean, .enumeration: 8
        case .pointer: 64
        case .structure(let structure): structure.members.map(\.type.alignment).max() ?? 8
        case .tuple(let members, _): members.map(\.type.alignment).max() ?? 8
        case .array(let element, _): element.alignment
        }
    }

    /// Distance in bits from one element of an array to the next (`MemoryLayout.stride`).
    var stride: Int { max(8, (bits + alignment - 1) / alignment * alignment) }
    var bytes: Int { (bits + 7) / 8 }

    /// The type as written in Swift source.
    var spelling: String {
        switch self {
        case .integer(let name, _, _): return name
        case .boolean: return "Bool"
        case .pointer: return "UInt64"  // To user space, a kernel address is just a number.
        case .enumeration(let name, _, _): return name
        case .array(let element, let count): return "InlineArray<\(count), \(element.spelling)>"
        case .tuple(let members, _):
            let parts = members.map { member in (member.name.map { "\($0): " } ?? "") + member.type.spelling }
            return "(\(parts.joined(separator: ", ")))"
        case .structure(let structure):
            guard !structure.arguments.isEmpty else { return structure.name }
            return "\(structure.name)<\(structure.arguments.map(\.spelling).joined(separator: ", "))>"
        }
    }

    /// All structures and enumerations in it, including itself, each with the module that declares it.
    var declared: [(module: String, type: SwiftType)] {
        switch self {
        case .integer, .boolean, .pointer: return []
        case .enumeration(_, let module, _): return [(module, self)]
        case .array(let element, _): return element.declared
        case .tuple(let members, _): return members.flatMap(\.type.declared)
        case .structure(let structure):
            return structure.arguments.flatMap(\.declared) + structure.members.flatMap(\.type.declared)
                + [(structure.module, self)]
        }
    }

    /// The byte offset of the first byte of padding; `nil` if there is none.
    ///
    /// A program leaves padding unset. In a map's key that is an error: either the verifier refuses it, or two equal
    /// keys differ.
    var firstPaddingByte: Int? {
        switch self {
        case .integer, .boolean, .pointer, .enumeration: return nil
        case .array(let element, let count):
            if let inner = element.firstPaddingByte { return inner }
            return count > 1 && element.stride != element.bits ? element.bytes : nil
        case .tuple(let members, _): return SwiftType.firstPaddingByte(members)
        case .structure(let structure): return SwiftType.firstPaddingByte(structure.members)
        }
    }

    private static func firstPaddingByte(_ members: [Member]) -> Int? {
        var end = 0
        for member in members {
            if member.offset > end { return end / 8 }
            if let inner = member.type.firstPaddingByte { return member.offset / 8 + inner }
            end = member.offset + member.type.bits
        }
        return nil
    }
}
