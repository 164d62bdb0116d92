// SPDX-License-Identifier: Apache-2.0

/// A global's initial value, as LLVM prints it: `<{ i32 1, [2 x i8] zeroinitializer, ptr @"name" }>`.
indirect enum ConstantValue: Equatable {
    case integer(UInt64)
    /// `zeroinitializer`, `null`: as many zeros as the type has.
    case zero
    case symbol(String)
    case bytes([UInt8])
    case aggregate([ConstantValue])
    /// Anything that no rule here needs: a floating-point number, `undef`, an expression.
    case other

    /// - Parameter text: the type and the value. Text after them (`, align 8`) is ignored.
    init?(typed text: some StringProtocol) {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let value = reader.typedValue() else { return nil }
        self = value
    }

    /// All integers in it, from left to right. A part that is zero counts as one 0.
    ///
    /// Swift wraps each integer in a structure with one member, so only the leaves matter.
    var integers: [UInt64] {
        switch self {
        case .integer(let value): [value]
        case .zero: [0]
        case .aggregate(let values): values.flatMap(\.integers)
        case .symbol, .bytes, .other: []
        }
    }

    /// The first symbol in it.
    var symbol: String? {
        switch self {
        case .symbol(let name): name
        case .aggregate(let values): values.lazy.compactMap(\.symbol).first
        case .integer, .zero, .bytes, .other: nil
        }
    }
}

extension ConstantValue {
    /// Parses the part of LLVM's grammar of types and constants that Swift's globals use.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") } }

        mutating func take(_ token: String) -> Bool {
            skipBlanks()
            guard rest.starts(with: token.utf8) else { return false }
            rest = rest.dropFirst(token.utf8.count)
            return true
        }

        mutating func word() -> String {
            skipBlanks()
            let word = rest.prefix { byte in
                IRModule.isSymbolCharacter(byte)
            }
            rest = rest[word.endIndex...]
            return String(decoding: word, as: UTF8.self)
        }

        /// `name` or `"name"`, after `@` or `%`.
        mutating func name() -> String {
            guard rest.first == UInt8(ascii: "\"") else { return word() }
            rest = rest.dropFirst()
            let name = rest.prefix { $0 != UInt8(ascii: "\"") }
            rest = rest[name.endIndex...].dropFirst()
            return String(decoding: name, as: UTF8.self)
        }

        /// Skips a type; `false` if there is none.
        mutating func type() -> Bool {
            if take("%") { return !name().isEmpty }
            if take("<{") { return types(until: "}>") }
            if take("{") { return types(until: "}") }
            if take("[") || take("<") {
                _ = word()  // count
                guard take("x"), type() else { return false }
                return take("]") || take(">")
            }
            return !word().isEmpty
        }

        private mutating func types(until end: String) -> Bool {
            if take(end) { return true }
            repeat { if !type() { return false } } while take(",")
            return take(end)
        }

        mutating func typedValue() -> ConstantValue? { type() ? value() : nil }

        private mutating func values(until end: String) -> ConstantValue? {
            var list: [ConstantValue] = []
            if take(end) { return .aggregate(list) }
            repeat {
                guard let value = typedValue() else { return nil }
                list.append(value)
            } while take(",")
            return take(end) ? .aggregate(list) : nil
        }

        private mutating func value() -> ConstantValue? {
            skipBlanks()
            if take("@") { return .symbol(name()) }
            if take("<{") { return values(until: "}>") }
            if take("{") { return values(until: "}") }
            if take("[") { return values(until: "]") }
            if take("c\"") { return .bytes(escapedBytes()) }
            let word = word()
            switch word {
            case "": return nil
            case "zeroinitializer", "null", "false": return .zero
            case "true": return .integer(1)
            default: break
            }
            if let value = Int64(word) { return .integer(UInt64(bitPattern: value)) }
            if let value = UInt64(word) { return .integer(value) }
            return expression()
        }

        /// The symbol that an expression names, as in `ptrtoint (ptr @name to i64)`. No rule needs the rest of an
        /// expression.
        private mutating func expression() -> ConstantValue {
            skipBlanks()
            guard rest.first == UInt8(ascii: "(") else { return .other }
            var depth = 0
            var text: [UInt8] = []
            while let byte = rest.popFirst() {
                text.append(byte)
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1; if depth == 0 { break } }
            }
            return IRModule.symbols(in: String(decoding: text, as: UTF8.self)).first.map { .symbol($0) } ?? .other
        }

        private mutating func escapedBytes() -> [UInt8] {
            var bytes: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\\"), rest.count >= 2,
                    let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            }
            return bytes
        }
    }
}
