// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads Swift types from the debug information that swiftc writes (`-g`).
struct TypeReader {
    let nodes: [Int: String]

    /// Why a type can't be used. The reason continues the words "a key or value that".
    struct Refusal: Error, Equatable {
        var reason: String
    }

    func node(_ number: Int?) -> DebugNode? { number.flatMap { nodes[$0] }.flatMap(DebugNode.init) }

    /// Whether BPFKernel declares a type under this name, whatever its generic arguments are.
    func isLibraryType(_ type: Int?, _ name: String) -> Bool {
        guard let node = node(type) else { return false }
        let declaration = self.node(node.reference("specification")) ?? node
        return declaration.text("name") == name && module(of: declaration) == "BPFKernel"
    }

    /// The generic type of a global variable's declaration: `HashMap` and its arguments.
    ///
    /// - Parameter type: the node number of the variable's type.
    func genericType(_ type: Int?) throws(Refusal) -> (name: String, module: String, arguments: [SwiftType])? {
        guard let node = node(type), let specification = self.node(node.reference("specification")) ?? Optional(node),
            let name = specification.text("name")
        else { return nil }
        return (name, module(of: specification), try arguments(of: node))
    }

    /// - Parameter parameters: the types that the generic parameters in scope stand for.
    func type(_ number: Int?, parameters: [SwiftType] = []) throws(Refusal) -> SwiftType {
        guard let number, let node = node(number) else { throw Refusal(reason: "has no debug information") }
        switch node.word("tag") {
        case "DW_TAG_typedef", "DW_TAG_const_type":
            return try type(node.reference("baseType"), parameters: parameters)
        case "DW_TAG_pointer_type": return .pointer
        case "DW_TAG_enumeration_type":
            return try enumeration(node, cases: self.node(node.reference("elements"))?.elements ?? [])
        case "DW_TAG_structure_type": return try structure(node, parameters: parameters)
        case let tag: throw Refusal(reason: "is of a kind (\(tag ?? node.kind)) that has no fixed layout")
        }
    }

    private func structure(_ node: DebugNode, parameters: [SwiftType]) throws(Refusal) -> SwiftType {
        let specification = self.node(node.reference("specification"))
        let name = specification?.text("name") ?? node.text("name") ?? ""
        let module = module(of: specification ?? node)
        if let index = TypeReader.genericParameter(name) {
            guard parameters.indices.contains(index) else { throw Refusal(reason: "is a generic parameter") }
            return parameters[index]
        }
        if module == "Swift" { return try standard(name, node) }
        // `$e…tD`: a tuple.
        if name.hasPrefix("$"), name.hasSuffix("tD") {
            let (members, bits) = SwiftType.laidOut(try members(node, parameters: parameters))
            return .tuple(members, bits: bits)
        }
        if specification == nil, node.word("flags")?.contains("FwdDecl") ?? false {
            throw Refusal(reason: "is a class, an existential or another type without a fixed layout ('\(name)')")
        }
        // An enumeration without raw values is described as a structure with one variant part.
        if let elements = self.node(node.reference("elements"))?.elements, elements.count == 1,
            let variants = self.node(elements[0]), variants.word("tag") == "DW_TAG_variant_part"
        {
            return try enumeration(node, cases: self.node(variants.reference("elements"))?.elements ?? [])
        }
        let arguments = specification == nil ? [] : try arguments(of: node)
        let (members, bits) = SwiftType.laidOut(
            try members(specification ?? node, parameters: specification == nil ? parameters : arguments))
        if specification == nil, node.number("size") != bits {
            throw Refusal(reason: "is a '\(name)', whose layout isn't that of a plain structure")
        }
        return .structure(.init(name: name, module: module, arguments: arguments, members: members, bits: bits))
    }

    private func enumeration(_ node: DebugNode, cases: [Int]) throws(Refusal) -> SwiftType {
        let name = node.text("name") ?? ""
        let cases = cases.compactMap { self.node($0) }
        if cases.contains(where: { $0.kind == "DIDerivedType" && $0.reference("baseType") != nil }) {
            throw Refusal(
                reason: "is an enumeration with associated values ('\(name)'), which has no equivalent in C")
        }
        guard node.number("size") == 8 else {
            throw Refusal(reason: "is an enumeration with fewer than 2 or more than 256 cases ('\(name)')")
        }
        return .enumeration(name: name, module: module(of: node), cases: cases.compactMap { $0.text("name") })
    }

    private func standard(_ name: String, _ node: DebugNode) throws(Refusal) -> SwiftType {
        switch name {
        case "Bool": return .boolean
        case "UInt8", "UInt16", "UInt32", "UInt64", "UInt":
            return .integer(name: name, bits: node.number("size") ?? 64, isSigned: false)
        case "Int8", "Int16", "Int32", "Int64", "Int":
            return .integer(name: name, bits: node.number("size") ?? 64, isSigned: true)
        case _ where name.hasPrefix("Unsafe") && name.contains("Pointer"): return .pointer
        case "InlineArray":
            guard let element = try arguments(of: node).last else { break }
            return .array(element, count: element.stride == 0 ? 0 : (node.number("size") ?? 0) / element.stride)
        case "Optional":
            // A null pointer is nil.
            if try arguments(of: node) == [.pointer] { return .pointer }
            throw Refusal(reason: "is an Optional, which has no equivalent in C; use a value and a flag")
        case "Float", "Double", "Float16": throw Refusal(reason: "is a \(name); the kernel has no floating point")
        case "String", "Array", "Dictionary", "Set":
            throw Refusal(reason: "is a \(name), which needs heap memory; the kernel side has no heap")
        default: break
        }
        throw Refusal(reason: "is Swift's '\(name)', which has no fixed layout")
    }

    private func members(_ node: DebugNode, parameters: [SwiftType]) throws(Refusal) -> [SwiftType.Member] {
        var list: [SwiftType.Member] = []
        for reference in self.node(node.reference("elements"))?.elements ?? [] {
            guard let member = self.node(reference), member.word("tag") == "DW_TAG_member" else { continue }
            let type = try type(member.reference("baseType"), parameters: parameters)
            // Swift 6.3 writes the offsets without alignment; `laidOut` computes them.
            list.append(.init(name: member.text("name"), type: type, offset: 0))
        }
        return list
    }

    /// The generic arguments of a specialised type, from the node itself or from its only, nameless member.
    private func arguments(of node: DebugNode) throws(Refusal) -> [SwiftType] {
        var list = self.node(node.reference("templateParams"))?.elements ?? []
        if list.isEmpty, node.reference("specification") != nil,
            let member = self.node(self.node(node.reference("elements"))?.elements.first)
        {
            list = self.node(self.node(member.reference("baseType"))?.reference("templateParams"))?.elements ?? []
        }
        var types: [SwiftType] = []
        for reference in list {
            let parameter = self.node(reference)?.reference("type")
            // The count of an InlineArray is an argument too, but not a type.
            if self.node(parameter)?.text("name")?.hasPrefix("$e$") ?? false { continue }
            types.append(try type(parameter))
        }
        return types
    }

    private func module(of node: DebugNode) -> String {
        var scope = self.node(node.reference("scope"))
        while let current = scope, current.kind != "DIModule" { scope = self.node(current.reference("scope")) }
        return scope?.text("name") ?? ""
    }

    /// `$exD` is the first generic parameter, `$eq_D` the second, `$eq0_D` the third.
    private static func genericParameter(_ name: String) -> Int? {
        guard name.hasPrefix("$e"), name.hasSuffix("D") else { return nil }
        switch name.dropFirst(2).dropLast() {
        case "x": return 0
        case "q_": return 1
        case let rest where rest.hasPrefix("q") && rest.hasSuffix("_"):
            return Int(rest.dropFirst().dropLast()).map { $0 + 2 }
        default: return nil
        }
    }
}

extension SwiftType {
    /// Swift's layout of a structure: each member is at the next offset that fits its alignment.
    ///
    /// - Returns: the members with their offsets, and the size in bits up to the end of the last.
    static func laidOut(_ members: [Member]) -> (members: [Member], bits: Int) {
        var end = 0
        let placed = members.map { member in
            var member = member
            let alignment = member.type.alignment
            member.offset = (end + alignment - 1) / alignment * alignment
            end = member.offset + member.type.bits
            return member
        }
        return (placed, end)
    }
}
