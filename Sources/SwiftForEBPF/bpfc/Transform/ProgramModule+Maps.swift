// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    private static let definition = "9BPFKernel13MapDefinitionV"

    /// Turns a global of one of BPFKernel's map types (`var states = HashMap<Key, Value>(maxEntries: 10)`) into a map
    /// definition in `.maps`. Its generic arguments give the key and value types, its initial value gives the map's
    /// type, capacity and flags.
    mutating func makeMaps() throws(BPFCError) {
        var errors: [ProgramError] = []
        for index in module.globals.indices where module.globals[index].body.contains(ProgramModule.definition) {
            do throws(ProgramError) { try makeMap(index) } catch { errors.append(error) }
        }
        guard errors.isEmpty else { throw .programs(errors) }
    }

    private mutating func makeMap(_ index: Int) throws(ProgramError) {
        let global = module.globals[index]
        guard let variable = variable(of: global) else { return }
        func refuse(_ problem: String) -> ProgramError {
            ProgramError(location: variable.location, problem: "the map '\(variable.name)' \(problem)")
        }
        guard let start = global.body.range(of: "global ") ?? global.body.range(of: "constant "),
            let words = ConstantValue(typed: global.body[start.upperBound...])?.integers, words.count == 3,
            let kind = MapKind(rawValue: words[0])
        else {
            throw refuse("isn't a compile-time constant: its capacity and flags must be literals")
        }
        if global.body.contains("constant ") {
            throw refuse("is declared with 'let'; use 'var', because the content of a map changes")
        }
        if words[1] == 0, kind != .socketStorage { throw refuse("has a capacity of 0") }
        if kind == .ringBuffer, words[1] % 4096 != 0 || words[1] & (words[1] - 1) != 0 {
            throw refuse("has \(words[1]) bytes; the size of a ring buffer must be a power of two, at least 4096")
        }
        let (key, value) = try arguments(of: variable, kind: kind, refuse)
        if let byte = key?.firstPaddingByte {
            throw refuse(
                "has a key, '\(key!.spelling)', with padding at byte \(byte), which a program leaves unset; "
                    + "fill the gap with an explicit member")
        }
        let members = MapMembers(type: kind, key: key, value: value, maxEntries: words[1], flags: words[2])
        let (type, size) = members.debugType(in: &types)
        let description = global.body.range(of: ", !dbg ").map { String(global.body[$0.lowerBound...]) } ?? ""
        module.globals[index].body =
            "global [\(size) x i8] zeroinitializer, section \".maps\", align 8" + description
        descriptions[global.symbol] = (type, variable.name)
        maps.append(MapDeclaration(name: global.symbol, kind: kind, key: key, value: value))
    }

    private func arguments(
        of variable: (name: String, type: Int?, location: SourceLocation?), kind: MapKind,
        _ refuse: (String) -> ProgramError
    ) throws(ProgramError) -> (key: SwiftType?, value: SwiftType?) {
        do throws(TypeReader.Refusal) {
            let arguments = try reader.genericType(variable.type)?.arguments ?? []
            guard kind.argumentsAreKeyAndValue else { return (kind.impliedKey, arguments.first) }
            guard arguments.count == 2 else { throw TypeReader.Refusal(reason: "has no debug information") }
            if kind == .lpmTrie {
                // Declared as LPMTrie<Address, Value>; the kernel's key begins with the prefix length.
                return (try prefix(of: arguments[0]), arguments[1])
            }
            return (arguments[0], arguments[1])
        } catch {
            throw refuse("has a key or value that \(error.reason)")
        }
    }

    private func prefix(of address: SwiftType) throws(TypeReader.Refusal) -> SwiftType {
        let length = SwiftType.integer(name: "UInt32", bits: 32, isSigned: false)
        guard address.alignment <= 32 else {
            throw TypeReader.Refusal(reason: "isn't an address made of bytes or 32-bit words ('\(address.spelling)')")
        }
        return .structure(
            .init(
                name: "Prefix", module: "BPFShared", arguments: [address],
                members: [
                    .init(name: "bitCount", type: length, offset: 0), .init(name: "address", type: address, offset: 32),
                ], bits: 32 + address.bits))
    }
}

/// The members of a map definition as libbpf reads them.
private struct MapMembers {
    var type: MapKind
    var key: SwiftType?
    var value: SwiftType?
    var maxEntries: UInt64
    var flags: UInt64

    /// The type of the definition. A number is encoded as the length of an array that the member points at (`__uint` in
    /// bpf_helpers.h); key and value are the types that their members point at (`__type`).
    ///
    /// - Returns: the type's node, and its size in bytes.
    func debugType(in types: inout DebugTypes) -> (node: Int, bytes: Int) {
        var members: [DebugTypes.Member] = []
        func add(_ name: String, _ type: Int) { members.append(.init(name: name, type: type, bits: 64)) }
        let int = types.integer(bits: 32, isSigned: true)
        func number(_ value: UInt64) -> Int {
            let array = types.array(of: int, elementBits: 32, count: value)
            return types.pointer(to: array)
        }
        add("type", number(type.rawValue))
        if type != .ringBuffer {
            if let key { add("key", types.pointer(to: key.debugType(in: &types))) }
            if let value { add("value", types.pointer(to: value.debugType(in: &types))) }
        }
        if maxEntries > 0 { add("max_entries", number(maxEntries)) }
        if flags > 0 { add("map_flags", number(flags)) }
        return (types.structure(name: nil, members: members, bits: members.count * 64), members.count * 8)
    }
}
