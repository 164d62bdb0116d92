// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Swift type that may lie in a map, in a variable or behind a pointer, with its layout.
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
    /// An enumeration without associated values: one byte that counts its cases, whatever their raw values are.
    case enumeration(name: String, module: String, cases: [String])

    struct Member: Equatable {
        /// `nil` in a tuple without labels.
        var name: String?
        var type: SwiftType
        /// Bits from the start.
        var offset: Int
    }

    struct Structure: Equatable {
        /// As in the source, without its module: `Prefix`.
        var name: String
        var module: String
        /// Generic arguments.
        var arguments: [SwiftType]
        var members: [Member]
        var bits: Int
    }

    /// Bits without the padding at the end (`MemoryLayout.size`).
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

    /// Bits.
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

    /// Bits from one element of an array to the next (`MemoryLayout.stride`).
    var stride: Int { max(8, (bits + alignment - 1) / alignment * alignment) }
    var bytes: Int { (bits + 7) / 8 }

    /// How a Swift source spells it.
    var spelling: String {
        switch self {
        case .integer(let name, _, _): return name
        case .boolean: return "Bool"
        case .pointer: return "UInt64"  // An address of the kernel's is but a number to user space.
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

    /// All structures and enumerations in it, itself included, by the module that declares them.
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

    /// Where bytes lie that no member covers, so that a program leaves them unset: of a map's key, the verifier refuses
    /// them, or two equal keys differ.
    ///
    /// - Returns: the offset in bytes of the first such byte; `nil` if there is none.
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
