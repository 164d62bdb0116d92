// SPDX-License-Identifier: Apache-2.0

/// Reads the parts of a mangled Swift symbol that a message needs: module, types and base name.
enum SwiftSymbol {
    static func isMangled(_ symbol: String) -> Bool { symbol.hasPrefix("$e") || symbol.hasPrefix("$s") }

    /// `Box.value` of `$e6Sample3BoxC5valueSivg`; `nil` if it isn't a Swift symbol. A C symbol is its own name.
    static func name(_ symbol: String) -> String? {
        guard isMangled(symbol) else { return symbol.hasPrefix("$") ? nil : symbol }
        // A private name is followed by the hash of its file, `_` and 32 digits.
        let parts = identifiers(symbol).filter { !($0.hasPrefix("_") && $0.utf8.count == 33) }
        return parts.count > 1 ? parts.dropFirst().joined(separator: ".") : nil
    }

    /// The class of a metadata symbol, `$e6Sample3BoxCN` or `$es23_ContiguousArrayStorageCys6UInt32VGN`.
    static func typeName(_ symbol: String) -> String? { isMangled(symbol) ? identifiers(symbol).last : nil }

    /// Undoes LLVM's escapes in a name, which prints bytes that aren't ASCII as `\C3\B6`.
    static func unescaped(_ name: String) -> String {
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "\\"), rest.count >= 2,
                let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(first)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The identifiers at the beginning of a symbol: the module, then the declarations inside it. Each is a length and
    /// a text; the letters in between are kinds of types. The rest of the symbol are types, which this doesn't read.
    private static func identifiers(_ symbol: String) -> [String] {
        var rest = symbol.utf8.dropFirst(2)
        var found: [String] = []
        if rest.first == UInt8(ascii: "s") {
            found.append("Swift")
            rest = rest.dropFirst()
        }
        while let first = rest.first {
            if first >= UInt8(ascii: "1"), first <= UInt8(ascii: "9") {
                let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
                guard let length = Int(String(decoding: digits, as: UTF8.self)) else { break }
                rest = rest.dropFirst(digits.count)
                found.append(String(decoding: rest.prefix(length), as: UTF8.self))
                rest = rest.dropFirst(length)
            } else if found.count > 1, "VOC".utf8.contains(first) {
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return found
    }
}
