// SPDX-License-Identifier: Apache-2.0

/// Type information in the BPF Type Format (BTF), from an object or from the kernel.
///
/// The bytes are not trusted: whatever they contain, reading them never traps.
public struct BTF: Sendable {
    /// The kind of a type (`BTF_KIND_…`).
    public enum Kind: UInt8, Sendable {
        /// The kernel's kind of this name, for example `BTF_KIND_INT`.
        case void, integer, pointer, array, structure, union, enumeration, forward, typedef, volatile, const, restrict
        /// The kernel's kind of this name, for example `BTF_KIND_FUNC`.
        case function, functionPrototype, variable, dataSection, float, declarationTag, typeTag, enumeration64
    }

    /// One type.
    public struct BTFType: Sendable, Equatable {
        /// The kind of type.
        public var kind: Kind
        /// Its name; empty if it has none.
        public var name: String
        /// For kinds with a size: the size in bytes. For the others: the number of the type that it refers to.
        public var sizeOrType: UInt32
        /// The number of members, enumerators or parameters (`vlen`).
        public var count: Int
    }

    /// A member of a structure or union.
    public struct Member: Sendable, Equatable {
        /// Its name; empty for an anonymous structure or union.
        public var name: String
        /// The number of its type.
        public var type: UInt32
        /// Its offset in the structure, in bits.
        public var bitOffset: UInt32
    }

    private let reader: ByteReader
    /// The byte offset of each type, by number. The first type has number 1.
    private let places: [UInt32]
    private let strings: Range<Int>

    /// Parses the bytes of a section .BTF, or of /sys/kernel/btf/vmlinux.
    ///
    /// - Throws: `invalid` if they aren't valid BTF of version 1, `mismatch` if they have the other byte order.
    public init(_ bytes: [UInt8]) throws(BPFError) { try self.init(bytes, "reading type information (BTF)") }

    init(_ bytes: [UInt8], _ action: String) throws(BPFError) {
        let reader = ByteReader(bytes)
        guard let magic = reader.uint16(0), let length = reader.uint32(4), let typeOffset = reader.uint32(8),
            let typeLength = reader.uint32(12), let textOffset = reader.uint32(16), let textLength = reader.uint32(20)
        else { throw BPFError(.invalid, action, reason: "it is too short") }
        if magic == 0x9feb {
            throw BPFError(.mismatch, action, reason: "it has the other byte order")
        }
        guard magic == 0xeb9f, bytes[2] == 1 else {
            throw BPFError(.invalid, action, reason: "it is not BTF of version 1")
        }
        let types = Int(length) + Int(typeOffset)
        let texts = Int(length) + Int(textOffset)
        guard reader.holds(types, Int(typeLength)), reader.holds(texts, Int(textLength)) else {
            throw BPFError(.invalid, action, reason: "its header points outside of it")
        }
        var places: [UInt32] = [0]
        var place = types
        let end = types + Int(typeLength)
        while place < end {
            guard end - place >= 12, let info = reader.uint32(place + 4),
                let kind = Kind(rawValue: UInt8(info >> 24 & 31)), kind != .void
            else { throw BPFError(.invalid, action, reason: "type \(places.count) is corrupt or of an unknown kind") }
            places.append(UInt32(truncatingIfNeeded: place))
            place += 12 + BTF.extraSize(of: kind, count: Int(info & 0xffff))
        }
        guard place == end else { throw BPFError(.invalid, action, reason: "its last type is truncated") }
        self.reader = reader
        self.places = places
        strings = texts..<texts + Int(textLength)
    }

    private static func extraSize(of kind: Kind, count: Int) -> Int {
        switch kind {
        case .integer, .variable, .declarationTag: 4
        case .array: 12
        case .structure, .union, .dataSection, .enumeration64: 12 * count
        case .enumeration, .functionPrototype: 8 * count
        default: 0
        }
    }

    /// The number of types. They are numbered from 1 to `count`; 0 is `void`.
    public var count: Int { places.count - 1 }

    /// The type with a number; `nil` if there is none, or its name is invalid.
    public subscript(_ number: UInt32) -> BTFType? {
        guard number > 0, Int(number) < places.count else {
            return number == 0 ? BTFType(kind: .void, name: "", sizeOrType: 0, count: 0) : nil
        }
        let place = Int(places[Int(number)])
        guard let nameOffset = reader.uint32(place), let info = reader.uint32(place + 4),
            let sizeOrType = reader.uint32(place + 8), let kind = Kind(rawValue: UInt8(info >> 24 & 31)),
            let name = text(nameOffset)
        else { return nil }
        return BTFType(kind: kind, name: name, sizeOrType: sizeOrType, count: Int(info & 0xffff))
    }

    private func text(_ offset: UInt32) -> String? {
        reader.text(strings.lowerBound + Int(offset), end: strings.upperBound)
    }

    /// The number of the type with this name and kind; `nil` if there is none.
    public func number(of name: String, _ kind: Kind) -> UInt32? {
        let wanted = Array(name.utf8)
        for number in 1..<max(1, places.count) {
            let place = Int(places[number])
            guard let info = reader.uint32(place + 4), UInt8(info >> 24 & 31) == kind.rawValue,
                let offset = reader.uint32(place)
            else { continue }
            let start = strings.lowerBound + Int(offset)
            guard start < strings.upperBound, wanted.count < strings.upperBound - start else { continue }
            let end = start + wanted.count
            if reader.bytes[end] == 0, reader.bytes[start..<end].elementsEqual(wanted) { return UInt32(number) }
        }
        return nil
    }

    /// The members of a structure or union; empty for other types.
    public func members(of number: UInt32) -> [Member] {
        guard let type = self[number], type.kind == .structure || type.kind == .union,
            let info = reader.uint32(Int(places[Int(number)]) + 4)
        else { return [] }
        // With this flag the upper byte of an offset is the width of a bit field.
        let mask: UInt32 = info >> 31 == 1 ? 0xff_ffff : .max
        return (0..<type.count).compactMap { index in
            let place = Int(places[Int(number)]) + 12 + index * 12
            guard let nameOffset = reader.uint32(place), let type = reader.uint32(place + 4),
                let offset = reader.uint32(place + 8), let name = text(nameOffset)
            else { return nil }
            return Member(name: name, type: type, bitOffset: offset & mask)
        }
    }

    /// The variables of a data section, such as `.maps`.
    func variables(ofSection name: String) -> [(name: String, type: UInt32)] {
        guard let number = number(of: name, .dataSection), let section = self[number] else { return [] }
        return (0..<section.count).compactMap { index in
            guard let variable = reader.uint32(Int(places[Int(number)]) + 12 + index * 12),
                let type = self[variable], type.kind == .variable
            else { return nil }
            return (type.name, type.sizeOrType)
        }
    }

    /// The element type and the length of an array; `nil` if the type isn't an array.
    func array(_ number: UInt32) -> (element: UInt32, count: UInt32)? {
        guard let type = self[number], type.kind == .array,
            let element = reader.uint32(Int(places[Int(number)]) + 12),
            let count = reader.uint32(Int(places[Int(number)]) + 20)
        else { return nil }
        return (element, count)
    }

    /// The type behind `typedef`, `const` and `volatile`; `nil` if there is none within 32 steps, as in a cycle.
    func resolved(_ number: UInt32) -> UInt32? {
        var number = number
        for _ in 0..<32 {
            guard let type = self[number] else { return nil }
            switch type.kind {
            case .typedef, .const, .volatile, .restrict, .typeTag: number = type.sizeOrType
            default: return number
            }
        }
        return nil
    }

    /// The size of a type's values, in bytes; `nil` if it has none, like a function, or if it is over 4 GiB.
    public func size(of number: UInt32) -> Int? { size(of: number, depth: 0) }

    private func size(of number: UInt32, depth: Int) -> Int? {
        guard depth < 32, let number = resolved(number), let type = self[number] else { return nil }
        switch type.kind {
        case .integer, .structure, .union, .enumeration, .enumeration64, .float, .dataSection:
            return Int(type.sizeOrType)
        case .pointer: return 8
        case .variable: return size(of: type.sizeOrType, depth: depth + 1)
        case .array:
            guard let (element, count) = array(number), let size = size(of: element, depth: depth + 1) else {
                return nil
            }
            let (product, overflow) = size.multipliedReportingOverflow(by: Int(count))
            return overflow || product > UInt32.max ? nil : product
        default: return nil
        }
    }
}

extension BTF {
    /// Whether there is a structure of this name.
    public func hasStructure(_ name: String) -> Bool { number(of: name, .structure) != nil }

    /// Whether there is a function of this name.
    public func hasFunction(_ name: String) -> Bool { number(of: name, .function) != nil }

    /// The byte offset of a member in a structure. The member may be in an anonymous structure or union inside it.
    ///
    /// - Returns: `nil` if there is none, or it is a bit field that doesn't begin at a byte.
    public func offset(of member: String, in structure: String) -> Int? {
        guard let number = number(of: structure, .structure) else { return nil }
        return bitOffset(of: member, in: number, depth: 0).flatMap { $0 % 8 == 0 ? $0 / 8 : nil }
    }

    private func bitOffset(of name: String, in number: UInt32, depth: Int) -> Int? {
        guard depth < 8 else { return nil }
        for member in members(of: number) {
            if member.name == name { return Int(member.bitOffset) }
            guard member.name.isEmpty, let inner = resolved(member.type),
                let offset = bitOffset(of: name, in: inner, depth: depth + 1)
            else { continue }
            return Int(member.bitOffset) + offset
        }
        return nil
    }
}
