// SPDX-License-Identifier: Apache-2.0

extension SwiftType {
    /// The description of the type as a C type, with names that BTF accepts.
    func debugType(in types: inout DebugTypes) -> Int {
        switch self {
        case .integer(_, let bits, let isSigned): return types.integer(bits: bits, isSigned: isSigned)
        case .boolean: return types.boolean()
        case .pointer: return types.pointer(to: nil)
        case .enumeration(let name, _, let cases): return types.enumeration(name: legalName(name), cases: cases)
        case .array(let element, let count):
            return types.array(
                of: element.debugType(in: &types), elementBits: element.stride, count: UInt64(count))
        case .tuple(let members, let bits):
            return types.structure(name: nil, placed: SwiftType.placed(members, in: &types), bits: bits)
        case .structure(let structure):
            return types.structure(
                name: legalName(spelling), placed: SwiftType.placed(structure.members, in: &types), bits: bits)
        }
    }

    private static func placed(_ members: [Member], in types: inout DebugTypes) -> [DebugTypes.PlacedMember] {
        members.enumerated().map { index, member in
            .init(
                name: legalName(member.name ?? "_\(index)"), type: member.type.debugType(in: &types),
                bits: member.type.bits, offset: member.offset)
        }
    }
}

/// A name that BTF accepts: `subscript.get` becomes `subscript_get`, `Prefix<IPv4Address>` `Prefix_IPv4Address`.
func legalName(_ name: String) -> String {
    var legal = ""
    for character in name {
        if character.isASCII, character.isLetter || character.isNumber || character == "_" {
            legal.append(character)
        } else if !legal.hasSuffix("_") {
            legal.append("_")
        }
    }
    while legal.count > 1, legal.hasSuffix("_") { legal.removeLast() }
    return legal
}
