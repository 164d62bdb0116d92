// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One instruction of printed LLVM IR, parsed as far as the checks need it.
struct Instruction {
    enum Callee: Equatable {
        /// A function of the module, an intrinsic, or one that is only declared.
        case symbol(String)
        /// A kernel helper: `inttoptr (i64 1 to ptr)`.
        case address(Int)
        case assembly
        /// A function pointer that is only known at run time.
        case pointer
    }

    /// The whole line.
    let text: Substring
    /// The value that it defines, for example `%7`; `nil` if it defines none.
    let result: Substring?
    /// `load`, `call`, `atomicrmw`, …
    let opcode: Substring
    /// The callee, if it is a call.
    let callee: Callee?
    /// The arguments, if it is a call: `i32 %5`, `ptr noundef @counter`, …
    let arguments: [Substring]

    /// - Returns: `nil` for labels, the cases of a `switch`, comments and empty lines.
    init?(line: Substring) {
        guard line.hasPrefix("  "), !line.hasPrefix("   ") else { return nil }
        var rest = line.dropFirst(2)
        guard let first = rest.first, first != ";", first != "]" else { return nil }
        text = line
        if first == "%", let equals = rest.firstIndex(of: "=") {
            result = rest.prefix { $0 != " " }
            rest = rest[equals...].dropFirst(2)
        } else {
            result = nil
        }
        var word = rest.prefix { $0 != " " }
        while ["tail", "musttail", "notail"].contains(word) {
            rest = rest[word.endIndex...].dropFirst()
            word = rest.prefix { $0 != " " }
        }
        opcode = word
        if word == "call" {
            (callee, arguments) = Instruction.call(rest[word.endIndex...])
        } else {
            (callee, arguments) = (nil, [])
        }
    }

    /// The number of its `DILocation`.
    var location: Int? { number(after: "!dbg !", in: String(text)) }

    /// The text before `, !dbg` and other metadata, without the result.
    var body: Substring {
        let start = result == nil ? text.startIndex : text.firstIndex(of: "=") ?? text.startIndex
        let whole = text[start...]
        return whole.range(of: ", !").map { whole[..<$0.lowerBound] } ?? whole
    }

    /// The words of the instruction that aren't names or quoted text: types, flags, orderings.
    var words: [Substring] {
        body.split { !($0.isLetter || $0.isNumber || "%@\"._$".contains($0)) }.filter {
            !$0.contains("%") && !$0.contains("@") && !$0.contains("\"")
        }
    }

    /// Whether it reads the value `%name`.
    func uses(_ value: Substring) -> Bool {
        var rest = body
        while let range = rest.range(of: value) {
            rest = rest[range.upperBound...]
            guard let next = rest.utf8.first, IRModule.isSymbolCharacter(next) else { return true }
        }
        return false
    }

    // MARK: Calls

    /// Finds the callee: the word directly before the parentheses of the arguments. Attributes of the result may have
    /// parentheses too (`range(i32 0, 2)`), and a constant address is an expression in parentheses.
    private static func call(_ text: Substring) -> (Callee, [Substring]) {
        let beforeParenthesis = text.prefix { $0 != "(" }
        if beforeParenthesis.contains(" asm ") { return (.assembly, []) }
        var rest = text
        while let open = rest.firstIndex(where: { $0 == "(" || $0 == "\"" }) {
            if rest[open] == "\"" {
                // A quoted symbol: `@"$e4main…"(`.
                let name = rest[rest.index(after: open)...].prefix { $0 != "\"" }
                let after = rest[name.endIndex...].dropFirst()
                guard after.first == "(", let (inside, _) = group(after) else { return (.pointer, []) }
                return (.symbol(String(name)), split(inside))
            }
            guard let (inside, after) = group(rest[open...]) else { return (.pointer, []) }
            let word = rest[..<open].split(separator: " ", omittingEmptySubsequences: false).last ?? ""
            if word.hasPrefix("@") { return (.symbol(String(word.dropFirst())), split(inside)) }
            if word.hasPrefix("%") { return (.pointer, split(inside)) }
            if after.first == "(", let (arguments, _) = group(after) {
                let address = inside.split(separator: " ")
                let number = address.count > 1 && address[0] == "i64" ? Int(address[1]) : nil
                return (number.map { .address($0) } ?? .pointer, split(arguments))
            }
            rest = after
        }
        return (.pointer, [])
    }

    /// The text inside the parentheses that `text` begins with, and the text after them.
    static func group(_ text: Substring) -> (inside: Substring, after: Substring)? {
        var depth = 0
        var isQuoted = false
        for index in text.indices {
            switch text[index] {
            case "\"": isQuoted.toggle()
            case "(" where !isQuoted: depth += 1
            case ")" where !isQuoted:
                depth -= 1
                if depth == 0 {
                    return (text[text.index(after: text.startIndex)..<index], text[text.index(after: index)...])
                }
            default: break
            }
        }
        return nil
    }

    /// Splits at the commas outside all brackets and quotes.
    static func split(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        var isQuoted = false
        var start = text.startIndex
        for index in text.indices {
            switch text[index] {
            case "\"": isQuoted.toggle()
            case "(", "{", "[", "<": if !isQuoted { depth += 1 }
            case ")", "}", "]", ">": if !isQuoted { depth -= 1 }
            case "," where depth == 0 && !isQuoted:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        if start != text.endIndex { parts.append(text[start...]) }
        return parts.map { $0.drop { $0 == " " } }
    }
}
