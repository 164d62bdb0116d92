// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A map as a program declares it: five 64-bit words in the section `.maps` (`MapDefinition` in BPFKernel).
struct MapDefinition {
    static let words = 5

    var type: UInt64
    var keySize: UInt64
    var valueSize: UInt64
    var maxEntries: UInt64
    var flags: UInt64

    /// Reads the initial value from a global's body, `global <{ … }> <{ %TsUInt64V <{ i64 9 }>, … }>`.
    ///
    /// - Returns: `nil` if the global isn't made of five constants of 64 bits.
    init?(globalBody body: String) {
        var words: [UInt64] = []
        // LLVM prints a global whose words are all zero as `zeroinitializer`; no map is.
        for match in body.matches(of: #/%Ts6UInt64V (?:zeroinitializer|<\{ i64 (-?[0-9]+) \}>)/#) {
            if let digits = match.output.1 {
                guard let value = Int64(digits) else { return nil }
                words.append(UInt64(bitPattern: value))
            } else {
                words.append(0)
            }
        }
        guard words.count == MapDefinition.words else { return nil }
        (type, keySize, valueSize, maxEntries, flags) = (words[0], words[1], words[2], words[3], words[4])
    }

    /// The description that libbpf reads: each number is the length of an array that the member points at
    /// (`__uint` in bpf_helpers.h), key and value are the types that the members point at (`__type`).
    func debugType(in types: inout DebugTypes) -> Int {
        var members: [DebugTypes.Member] = []
        func add(_ name: String, _ type: Int) { members.append(.init(name: name, type: type, bits: 64)) }

        let int = types.integer(bits: 32, isSigned: true)
        func number(_ value: UInt64) -> Int {
            let array = types.array(of: int, elementBits: 32, count: value)
            return types.pointer(to: array)
        }
        add("type", number(type))
        if keySize > 0 { add("key", types.pointer(to: content(bytes: keySize, in: &types))) }
        if valueSize > 0 { add("value", types.pointer(to: content(bytes: valueSize, in: &types))) }
        if maxEntries > 0 { add("max_entries", number(maxEntries)) }
        if flags > 0 { add("map_flags", number(flags)) }
        return types.structure(name: nil, members: members, bits: MapDefinition.words * 64)
    }

    private func content(bytes: UInt64, in types: inout DebugTypes) -> Int {
        switch bytes {
        case 4: return types.integer(bits: 32)
        case 8: return types.integer(bits: 64)
        case _ where bytes % 8 == 0:
            let word = types.integer(bits: 64)
            return types.array(of: word, elementBits: 64, count: bytes / 8)
        default:
            let byte = types.integer(bits: 8)
            return types.array(of: byte, elementBits: 8, count: bytes)
        }
    }
}
