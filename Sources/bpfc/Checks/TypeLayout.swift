// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How Swift lays a type out, from its debug information: where bytes lie that belong to no field.
///
/// The verifier refuses a map key or value whose bytes a program hasn't all written, and no assignment writes those between
/// the fields. Debug information gives types and sizes of fields. Its offsets are wrong (Swift 6.3 rounds them by nothing),
/// so they are computed as the compiler does: each field begins at the next multiple of its alignment.
package struct TypeLayout: Equatable {
    /// `MemoryLayout.size`, `.alignment`.
    package var size: Int
    package var alignment: Int
    /// Bytes that belong to no field, below `size`.
    package var gaps: [Range<Int>]

    package init(size: Int, alignment: Int, gaps: [Range<Int>] = []) {
        (self.size, self.alignment, self.gaps) = (size, alignment, gaps)
    }

    /// The layouts of the named structures in printed IR.
    package static func read(ir: String) throws -> [String: TypeLayout] {
        let debug = DebugInformation(try IRModule(parsing: ir))
        var layouts: [String: TypeLayout] = [:]
        for (number, node) in debug.metadata where node.contains("tag: DW_TAG_structure_type") {
            if let name = quoted(after: " name: ", in: node) { layouts[name] = debug.layout(ofType: number) }
        }
        return layouts
    }

    package var stride: Int { max((size + alignment - 1) / alignment * alignment, 1) }
    /// With those after the last field, up to `stride`.
    package var allGaps: [Range<Int>] { gaps + (size < stride ? [size..<stride] : []) }
}

extension DebugInformation {
    /// The layout of the type that a node describes.
    ///
    /// - Returns: `nil` if the debug information doesn't tell: enums with associated values, optionals, unions, generic types.
    ///   Such a type has bytes whose meaning depends on others, and none can be a map's key.
    func layout(ofType type: Int) -> TypeLayout? {
        guard let node = metadata[type] else { return nil }
        if node.contains("tag: DW_TAG_typedef") {
            return number(after: "baseType: !", in: node).flatMap(layout(ofType:))
        }
        let name = quoted(after: " name: ", in: node) ?? quoted(after: "(name: ", in: node) ?? ""
        if node.contains("tag: DW_TAG_pointer_type") || name.hasPrefix("Unsafe") && name.contains("Pointer") {
            return TypeLayout(size: 8, alignment: 8)
        }
        guard let bits = number(after: " size: ", in: node), bits > 0, bits % 8 == 0 else { return nil }
        let size = bits / 8
        if node.contains("DIBasicType(") { return TypeLayout.scalar(size) }
        if node.contains("tag: DW_TAG_enumeration_type") { return TypeLayout.scalar(size) }
        if node.contains("specification: ") { return nil }
        let members = members(of: node)
        if node.contains("tag: DW_TAG_array_type") {
            return number(after: "baseType: !", in: node).flatMap(layout(ofType:)).flatMap { $0.repeated(in: size) }
        }
        guard node.contains("tag: DW_TAG_structure_type") else { return nil }
        // UInt32, Bool, …: a number of the machine in a structure.
        if members.count == 1, members[0].contains("name: \"_value\"") { return TypeLayout.scalar(size) }
        if members.isEmpty { return name.hasPrefix("$eB") ? TypeLayout.scalar(size) : nil }
        var fields: [TypeLayout] = []
        for member in members {
            guard let field = number(after: "baseType: !", in: member).flatMap(layout(ofType:)) else { return nil }
            fields.append(field)
        }
        let whole = TypeLayout(fields: fields)
        return whole.size == size || whole.stride == size ? whole : nil
    }

    private func members(of node: String) -> [String] {
        guard let list = number(after: "elements: !", in: node).flatMap({ metadata[$0] }) else { return [] }
        return list.split(whereSeparator: { "!{}, ".contains($0) }).compactMap { Int($0) }.compactMap { metadata[$0] }
            .filter { $0.contains("tag: DW_TAG_member") && !$0.contains("DIFlagStaticMember") }
    }
}

extension TypeLayout {
    static func scalar(_ size: Int) -> TypeLayout? {
        [1, 2, 4, 8, 16].contains(size) ? TypeLayout(size: size, alignment: size) : nil
    }

    /// Fields in the order of their declaration.
    package init(fields: [TypeLayout]) {
        self.init(size: 0, alignment: 1)
        for field in fields {
            let start = (size + field.alignment - 1) / field.alignment * field.alignment
            if start > size { gaps.append(size..<start) }
            gaps += field.gaps.map { $0.lowerBound + start..<$0.upperBound + start }
            size = start + field.size
            alignment = max(alignment, field.alignment)
        }
    }

    /// An array that has a number of bytes.
    fileprivate func repeated(in bytes: Int) -> TypeLayout? {
        let count = (bytes + stride - 1) / stride
        guard count * stride >= bytes else { return nil }
        return TypeLayout(fields: Array(repeating: self, count: count))
    }
}
