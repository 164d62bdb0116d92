// SPDX-License-Identifier: Apache-2.0

/// The sections and symbols of an eBPF object (ELF64, relocatable, in this machine's byte order).
package struct ELFFile: Sendable {
    package struct Section: Sendable {
        var name: String
        var type: UInt32
        var flags: UInt64
        /// The range of its bytes in the file.
        package var range: Range<Int>
        /// For a symbol table: the section with its names.
        var link: UInt32
        /// Whether it contains instructions (`SHF_EXECINSTR`).
        var isExecutable: Bool { flags & 4 != 0 }
    }

    struct Symbol: Sendable {
        var name: String
        /// `STT_OBJECT` 1, `STT_FUNC` 2.
        var type: UInt8
        /// `STB_LOCAL` 0.
        var binding: UInt8
        var section: Int
        var value: UInt64
        var size: UInt64
    }

    let reader: ByteReader
    private(set) var sections: [Section] = []
    private(set) var symbols: [Symbol] = []

    /// - Throws: `invalid` if the bytes aren't an eBPF object, `mismatch` if it is one for the other byte order.
    package init(_ bytes: [UInt8], _ action: String) throws(BPFError) {
        reader = ByteReader(bytes)
        func refuse(_ reason: String, remedy: String? = nil) -> BPFError {
            BPFError(.invalid, action, reason: reason, remedy: remedy)
        }
        guard bytes.count >= 64, bytes[0..<4].elementsEqual([0x7f, 0x45, 0x4c, 0x46]) else {
            throw refuse("it is not an ELF file", remedy: "give an object that bpfc or clang -target bpf made")
        }
        let order = bytes[5]
        guard order == 1 || order == 2 else { throw refuse("the ELF file has an invalid byte order") }
        guard (order == 1) == isLittleEndian else {
            throw BPFError(
                .mismatch, action,
                reason: order == 2
                    ? "the object is big-endian, but this machine is little-endian"
                    : "the object is little-endian, but this machine is big-endian",
                remedy: "compile it for this machine (bpfc --endian \(isLittleEndian ? "little" : "big"))")
        }
        guard bytes[4] == 2, let machine = reader.uint16(18), machine == 247 else {
            throw refuse(
                "the ELF file is for another machine, not for BPF", remedy: "compile it with bpfc or clang -target bpf")
        }
        guard reader.uint16(16) == 1 else { throw refuse("the ELF file is not a relocatable object") }
        guard readSections() else { throw refuse("its section table is corrupt") }
        guard readSymbols() else { throw refuse("its symbol table is corrupt") }
    }

    private mutating func readSections() -> Bool {
        guard let start = reader.size(40), let entrySize = reader.uint16(58), let count = reader.uint16(60),
            let namesIndex = reader.uint16(62), entrySize >= 64,
            reader.holds(start, Int(entrySize) * Int(count)), namesIndex < count
        else { return false }
        var names: [UInt32] = []
        for index in 0..<Int(count) {
            let entry = start + index * Int(entrySize)
            guard let name = reader.uint32(entry), let type = reader.uint32(entry + 4),
                let flags = reader.integer(entry + 8, as: UInt64.self), let offset = reader.size(entry + 24),
                let size = reader.size(entry + 32), let link = reader.uint32(entry + 40)
            else { return false }
            // SHT_NULL and SHT_NOBITS have no bytes in the file.
            let isEmpty = type == 0 || type == 8
            guard isEmpty || reader.holds(offset, size) else { return false }
            names.append(name)
            sections.append(
                Section(
                    name: "", type: type, flags: flags, range: isEmpty ? 0..<0 : offset..<offset + size, link: link))
        }
        let texts = sections[Int(namesIndex)].range
        for index in sections.indices {
            guard let name = text(names[index], in: texts) else { return false }
            sections[index].name = name
        }
        return true
    }

    private mutating func readSymbols() -> Bool {
        guard let table = sections.first(where: { $0.type == 2 }) else { return true }
        guard table.link < sections.count else { return false }
        let texts = sections[Int(table.link)].range
        for entry in stride(from: table.range.lowerBound, to: table.range.upperBound - 23, by: 24) {
            guard let name = reader.uint32(entry), let info = reader.integer(entry + 4, as: UInt8.self),
                let section = reader.uint16(entry + 6), let value = reader.integer(entry + 8, as: UInt64.self),
                let size = reader.integer(entry + 16, as: UInt64.self), let text = text(name, in: texts)
            else { return false }
            symbols.append(
                Symbol(
                    name: text, type: info & 15, binding: info >> 4, section: Int(section), value: value, size: size))
        }
        return true
    }

    private func text(_ offset: UInt32, in range: Range<Int>) -> String? {
        reader.text(range.lowerBound + Int(offset), end: range.upperBound)
    }

    /// The first section with a name.
    package func section(_ name: String) -> Section? { sections.first { $0.name == name } }

    /// The range of a variable's bytes in the file; `nil` if it has none there.
    func place(of symbol: Symbol) -> Range<Int>? {
        guard symbol.section < sections.count, let offset = Int(exactly: symbol.value),
            let size = Int(exactly: symbol.size)
        else { return nil }
        let range = sections[symbol.section].range
        guard size <= range.count, offset <= range.count - size else { return nil }
        return range.lowerBound + offset..<range.lowerBound + offset + size
    }
}

/// This machine's byte order.
private var isLittleEndian: Bool { 1.littleEndian == 1 }
