// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One printed LLVM module, split into its top-level entities.
///
/// LLVM prints each global, declaration, attribute group and metadata node on one line, and each function as the lines
/// from `define … {` to `}`. Entities refer to each other by `@symbol`, `#group` and `!node`. That is enough to decide
/// what to keep, and to rename it.
struct IRModule {
    struct Global {
        var symbol: String
        /// The text after `@symbol = `.
        var body: String
        var section: String? { quoted(after: "section ", in: body) }
        var isDeclaration: Bool { body.contains("external ") }
    }

    struct Function {
        var symbol: String
        /// The whole text, `define …` to `}`.
        var text: String
        var header: String { String(text.prefix { $0 != "\n" }) }
        var section: String? { quoted(after: "section ", in: header) }
        /// The number of its `DISubprogram`.
        var subprogram: Int? { number(after: "!dbg !", in: header) }
        /// Whether its parameters were replaced by loads from the array that the kernel passes.
        var hasUnpackedArguments = false

        init(symbol: String, text: String) {
            self.symbol = symbol
            self.text = text
        }
    }

    var types: [String] = []
    var globals: [Global] = []
    var functions: [Function] = []
    /// `declare` lines by symbol, in order.
    var declarations: [(symbol: String, text: String)] = []
    var attributeGroups: [String] = []
    /// `!name = !{…}` lines.
    var namedMetadata: [(name: String, text: String)] = []
    /// `!N = …` lines: text by number.
    var metadata: [Int: String] = [:]

    init(parsing text: String) throws(BPFCError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.hasPrefix("define ") {
                var whole = [line]
                while let next = lines.popFirst() {
                    // BTF doesn't use the locations of variables (#dbg_value …), and their types aren't valid there.
                    // !dbg describes lines and functions.
                    if !next.contains("    #dbg_") { whole.append(next) }
                    if next == "}" { break }
                }
                guard let symbol = IRModule.symbols(in: line).first else { throw .unreadableIR(String(line)) }
                functions.append(Function(symbol: symbol, text: whole.joined(separator: "\n")))
            } else if line.hasPrefix("declare ") {
                guard let symbol = IRModule.symbols(in: line).first else { throw .unreadableIR(String(line)) }
                declarations.append((symbol, String(line)))
            } else if line.hasPrefix("@") {
                guard let symbol = IRModule.symbols(in: line).first, let equals = line.range(of: " = ") else {
                    throw .unreadableIR(String(line))
                }
                globals.append(Global(symbol: symbol, body: String(line[equals.upperBound...])))
            } else if line.hasPrefix("%") {
                types.append(String(line))
            } else if line.hasPrefix("attributes #") {
                attributeGroups.append(String(line))
            } else if line.hasPrefix("!") {
                let name = line.dropFirst().prefix { $0 != " " }
                guard let equals = line.range(of: " = ") else { throw .unreadableIR(String(line)) }
                let value = String(line[equals.upperBound...])
                if let index = Int(name) {
                    metadata[index] = value
                } else {
                    namedMetadata.append((String(name), value))
                }
            }
            // The rest (comments, source_filename, target lines, comdats) isn't needed, or `printed` writes it.
        }
    }

    /// The symbols a text refers to, in order: `@name` or `@"name"`.
    static func symbols(in text: some StringProtocol) -> [String] {
        var result: [String] = []
        var rest = Substring(text).utf8
        while let at = rest.firstIndex(of: UInt8(ascii: "@")) {
            rest = rest[rest.index(after: at)...]
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                let name = rest.prefix { $0 != UInt8(ascii: "\"") }
                result.append(String(Substring(name)))
                rest = rest[name.endIndex...].dropFirst()
            } else {
                let name = rest.prefix(while: isSymbolCharacter)
                if !name.isEmpty { result.append(String(Substring(name))) }
                rest = rest[name.endIndex...]
            }
        }
        return result
    }

    static func isSymbolCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The module as text, for clang.
    func printed(triple: String, dataLayout: String) -> String {
        var out = ["target datalayout = \"\(dataLayout)\"", "target triple = \"\(triple)\""]
        out += types
        out += globals.map { "@\(quotedSymbol($0.symbol)) = \($0.body)" }
        out += functions.map(\.text)
        out += declarations.map(\.text)
        out += attributeGroups
        out += namedMetadata.map { "!\($0.name) = \($0.text)" }
        out += metadata.sorted { $0.key < $1.key }.map { "!\($0.key) = \($0.value)" }
        return out.joined(separator: "\n") + "\n"
    }
}

func quotedSymbol(_ symbol: String) -> String {
    symbol.utf8.allSatisfy(IRModule.isSymbolCharacter) && !symbol.contains("$") ? symbol : "\"\(symbol)\""
}

/// The quoted word that follows `key`.
func quoted(after key: String, in text: String) -> String? {
    guard let start = text.range(of: key + "\"") else { return nil }
    return String(text[start.upperBound...].prefix { $0 != "\"" })
}

/// The decimal number that follows `key`.
func number(after key: String, in text: String) -> Int? {
    guard let start = text.range(of: key) else { return nil }
    return Int(text[start.upperBound...].prefix { $0.isNumber })
}
