// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Debug information as a C compiler would write it. LLVM's bpf backend generates the object's BTF from it.
///
/// Swift's own type descriptions don't work: their names contain characters that BTF refuses, and the loader expects
/// maps, functions and kernel structures to be described as C types.
struct DebugTypes {
    private(set) var nodes: [Int: String] = [:]
    private var next: Int
    private var known: [String: Int] = [:]

    init(firstFreeNumber: Int) { next = firstFreeNumber }

    mutating func add(_ node: String) -> Int {
        if !node.hasPrefix("distinct"), let number = known[node] { return number }
        defer { next += 1 }
        nodes[next] = node
        known[node] = next
        return next
    }

    // MARK: Types

    mutating func integer(bits: Int, isSigned: Bool = false) -> Int {
        let name: String
        switch (bits, isSigned) {
        case (8, true): name = "char"
        case (8, false): name = "unsigned char"
        case (16, _): name = isSigned ? "short" : "unsigned short"
        case (32, _): name = isSigned ? "int" : "unsigned int"
        default: name = isSigned ? "long long" : "unsigned long long"
        }
        let encoding =
            switch (bits, isSigned) {
            case (8, true): "DW_ATE_signed_char"
            case (8, false): "DW_ATE_unsigned_char"
            case (_, true): "DW_ATE_signed"
            case (_, false): "DW_ATE_unsigned"
            }
        return add("!DIBasicType(name: \"\(name)\", size: \(bits), encoding: \(encoding))")
    }

    mutating func pointer(to type: Int?) -> Int {
        add("!DIDerivedType(tag: DW_TAG_pointer_type, baseType: \(type.map { "!\($0)" } ?? "null"), size: 64)")
    }

    mutating func array(of element: Int, elementBits: Int, count: UInt64) -> Int {
        let range = add("!DISubrange(count: \(count))")
        let elements = add("!{!\(range)}")
        return add(
            "!DICompositeType(tag: DW_TAG_array_type, baseType: !\(element), size: \(UInt64(elementBits) &* count), "
                + "elements: !\(elements))")
    }

    struct Member {
        var name: String
        var type: Int
        var bits: Int
    }

    /// A structure whose members follow one another without gaps.
    mutating func structure(name: String?, members: [Member], bits: Int) -> Int {
        var offset = 0
        var placed: [PlacedMember] = []
        for member in members {
            placed.append(.init(name: member.name, type: member.type, bits: member.bits, offset: offset))
            offset += member.bits
        }
        return structure(name: name, placed: placed, bits: bits)
    }

    struct PlacedMember {
        var name: String
        var type: Int
        var bits: Int
        var offset: Int
    }

    mutating func structure(name: String?, placed members: [PlacedMember], bits: Int) -> Int {
        let list = members.map { member in
            add(
                "!DIDerivedType(tag: DW_TAG_member, name: \"\(member.name)\", baseType: !\(member.type), "
                    + "size: \(member.bits), offset: \(member.offset))")
        }
        let elements = add("!{\(list.map { "!\($0)" }.joined(separator: ", "))}")
        let title = name.map { "name: \"\($0)\", " } ?? ""
        return add("!DICompositeType(tag: DW_TAG_structure_type, \(title)size: \(bits), elements: !\(elements))")
    }

    mutating func enumeration(name: String?, bits: Int = 8, cases: [String]) -> Int {
        let list = cases.enumerated().map { value, name in
            add("!DIEnumerator(name: \"\(legalName(name))\", value: \(value), isUnsigned: true)")
        }
        let elements = add("!{\(list.map { "!\($0)" }.joined(separator: ", "))}")
        let base = integer(bits: bits)
        let title = name.map { "name: \"\($0)\", " } ?? ""
        return add(
            "!DICompositeType(tag: DW_TAG_enumeration_type, \(title)baseType: !\(base), size: \(bits), "
                + "elements: !\(elements))")
    }

    mutating func boolean() -> Int { add("!DIBasicType(name: \"_Bool\", size: 8, encoding: DW_ATE_boolean)") }

    /// A function's type from the LLVM types of its result and parameters (`i32`, `ptr`, `void`, …).
    ///
    /// - Parameter pointee: the kernel structure that pointers point at, if it is known.
    mutating func function(result: String, parameters: [String], pointee: String? = nil) -> Int {
        let words = [result] + parameters
        let types = words.map { word in type(ofLLVM: word, pointee: pointee).map { "!\($0)" } ?? "null" }
        let list = add("!{\(types.joined(separator: ", "))}")
        return add("!DISubroutineType(types: !\(list))")
    }

    /// `nil` for `void`.
    mutating func type(ofLLVM word: String, pointee: String? = nil) -> Int? {
        switch word {
        case "void": return nil
        case "ptr":
            // A definition without members: a loader doesn't match a forward declaration with a defined structure.
            return pointer(to: pointee.map { structure(name: $0, placed: [], bits: 0) })
        case "i32": return integer(bits: 32, isSigned: true)
        default: return integer(bits: word.hasPrefix("i") ? Int(word.dropFirst()) ?? 64 : 64)
        }
    }

    // MARK: Variables

    /// The description of a global variable, which its `!dbg` refers to.
    mutating func variable(name: String, type: Int, unit: Int, file: Int, line: Int) -> Int {
        let variable = add(
            "distinct !DIGlobalVariable(name: \"\(name)\", scope: !\(unit), file: !\(file), line: \(line), "
                + "type: !\(type), isLocal: false, isDefinition: true)")
        return add("!DIGlobalVariableExpression(var: !\(variable), expr: !DIExpression())")
    }
}
