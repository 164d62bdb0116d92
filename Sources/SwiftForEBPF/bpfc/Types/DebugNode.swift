// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One parsed node of debug information: `!DICompositeType(tag: DW_TAG_structure_type, name: "Key", size: 64, …)`.
struct DebugNode: Equatable {
    /// `DICompositeType`; empty for a tuple of nodes, `!{!1, !2}`.
    var kind: String
    private var fields: [String: String] = [:]
    /// The references of a tuple.
    private(set) var elements: [Int] = []

    init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("distinct ") { rest = rest.dropFirst("distinct ".count) }
        guard rest.hasPrefix("!") else { return nil }
        rest = rest.dropFirst()
        if rest.hasPrefix("{") {
            kind = ""
            elements = DebugNode.parts(rest.dropFirst().dropLast()).compactMap(DebugNode.reference)
            return
        }
        guard let open = rest.firstIndex(of: "("), rest.hasSuffix(")") else { return nil }
        kind = String(rest[..<open])
        for part in DebugNode.parts(rest[rest.index(after: open)...].dropLast()) {
            guard let colon = part.range(of: ": ") else { continue }
            fields[String(part[..<colon.lowerBound])] = String(part[colon.upperBound...])
        }
    }

    /// A word or a number.
    func word(_ field: String) -> String? { fields[field] }
    func number(_ field: String) -> Int? { fields[field].flatMap(Int.init) }
    func reference(_ field: String) -> Int? { fields[field].flatMap { DebugNode.reference(Substring($0)) } }

    /// Text in quotes.
    func text(_ field: String) -> String? {
        guard let value = fields[field], value.count >= 2, value.hasPrefix("\"") else { return nil }
        return String(value.dropFirst().dropLast())
    }

    private static func reference(_ text: Substring) -> Int? { text.hasPrefix("!") ? Int(text.dropFirst()) : nil }

    /// Splits at the commas outside quotes and parentheses.
    private static func parts(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var isQuoted = false
        var start = text.startIndex
        for index in text.indices {
            switch text[index] {
            case "\"": isQuoted.toggle()
            case "(" where !isQuoted: depth += 1
            case ")" where !isQuoted: depth -= 1
            case "," where !isQuoted && depth == 0:
                parts.append(text[start..<index].drop { $0 == " " })
                start = text.index(after: index)
            default: break
            }
        }
        let last = text[start...].drop { $0 == " " }
        return last.isEmpty ? parts : parts + [last]
    }
}
