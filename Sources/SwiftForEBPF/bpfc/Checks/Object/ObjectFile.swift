// SPDX-License-Identifier: Apache-2.0

/// An ELF object as clang's bpf backend writes it: 64 bits, little endian, relocatable.
struct ObjectFile {
    struct Section {
        var name: String
        var type: UInt32
        var flags: UInt64
        var offset: Int
        var size: Int
        var link: Int
        var info: Int
        var isCode: Bool { flags & 4 != 0 }  // SHF_EXECINSTR
    }

    struct Symbol {
        var name: String
        var section: Int
        var value: Int
        var size: Int
        var isFunction: Bool
        /// Whether it is visible in this object only.
        var isLocal: Bool
        var isSection: Bool
    }

    /// A place in a section that the loader patches.
    struct Relocation {
        var offset: Int
        var symbol: Int
    }

    private(set) var sections: [Section] = []
    private(set) var symbols: [Symbol] = []
    /// By the index of the section that they patch.
    private(set) var relocations: [Int: [Relocation]] = [:]
    private let bytes: [UInt8]

    /// - Returns: `nil` if the bytes aren't such a file.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard bytes.count >= 64, bytes[0..<6].elementsEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1]),
            let table = read(0x28, 8), let size = read(0x3a, 2), let count = read(0x3c, 2), let names = read(0x3e, 2)
        else { return nil }
        var nameOffsets: [Int] = []
        for index in 0..<count {
            let at = table + index * size
            guard let name = read(at, 4), let type = read(at + 4, 4), let flags = read(at + 8, 8),
                let offset = read(at + 24, 8), let length = read(at + 32, 8), let link = read(at + 40, 4),
                let info = read(at + 44, 4)
            else { return nil }
            nameOffsets.append(name)
            sections.append(
                Section(
                    name: "", type: UInt32(truncatingIfNeeded: type), flags: UInt64(flags), offset: offset,
                    size: length,
                    link: link, info: info))
        }
        guard sections.indices.contains(names) else { return nil }
        for index in sections.indices { sections[index].name = string(nameOffsets[index], in: sections[names]) }
        readSymbols()
        readRelocations()
    }

    func section(_ name: String) -> Int? { sections.firstIndex { $0.name == name } }

    func content(_ section: Int) -> ArraySlice<UInt8> {
        let section = sections[section]
        guard section.type != 8, section.offset + section.size <= bytes.count else { return [] }  // SHT_NOBITS
        return bytes[section.offset..<section.offset + section.size]
    }

    private mutating func readSymbols() {
        guard let table = sections.first(where: { $0.type == 2 }), sections.indices.contains(table.link) else { return }
        for at in stride(from: table.offset, to: table.offset + table.size, by: 24) {
            guard let name = read(at, 4), let info = read(at + 4, 1), let section = read(at + 6, 2),
                let value = read(at + 8, 8), let size = read(at + 16, 8)
            else { return }
            symbols.append(
                Symbol(
                    name: string(name, in: sections[table.link]), section: section, value: value, size: size,
                    isFunction: info & 15 == 2, isLocal: info >> 4 == 0, isSection: info & 15 == 3))
        }
    }

    private mutating func readRelocations() {
        for table in sections where table.type == 9 {  // SHT_REL
            for at in stride(from: table.offset, to: table.offset + table.size, by: 16) {
                guard let offset = read(at, 8), let symbol = read(at + 12, 4) else { return }
                relocations[table.info, default: []].append(Relocation(offset: offset, symbol: symbol))
            }
        }
    }

    private func string(_ offset: Int, in section: Section) -> String {
        let start = section.offset + offset
        guard start >= 0, start < bytes.count else { return "" }
        return String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
    }

    private func read(_ offset: Int, _ count: Int) -> Int? { bytes[...].littleEndian(at: offset, count) }
}

extension ArraySlice<UInt8> {
    /// The number in `count` bytes at `offset` bytes from the beginning; `nil` if it lies outside.
    func littleEndian(at offset: Int, _ count: Int) -> Int? {
        let start = startIndex + offset
        guard offset >= 0, start + count <= endIndex else { return nil }
        return Int(
            truncatingIfNeeded: self[start..<start + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
