// SPDX-License-Identifier: Apache-2.0

/// Finds maps, programs and variables in an object's sections and type information.
struct ObjectReader {
    private let elf: ELFFile
    private let btf: BTF?
    private let action: String

    init(_ bytes: [UInt8], _ action: String) throws(BPFError) {
        elf = try ELFFile(bytes, action)
        self.action = action
        if let section = elf.section(".BTF") { btf = try BTF(Array(bytes[section.range]), action) } else { btf = nil }
    }

    func license(hasPrograms: Bool) throws(BPFError) -> String {
        guard let section = elf.section("license"),
            let text = elf.reader.text(section.range.lowerBound, end: section.range.upperBound), !text.isEmpty
        else {
            guard hasPrograms else { return "" }
            throw BPFError(
                .invalid, action, reason: "it has no license, and the kernel offers many functions only under the GPL",
                remedy: "add 'let license: StaticString = \"GPL\"', or another license, to its source")
        }
        return text
    }

    func programs() -> [ProgramSpec] {
        elf.symbols.compactMap { symbol in
            // A function in .text isn't a program; programs call it.
            guard symbol.type == 2, symbol.binding != 0, symbol.section < elf.sections.count else { return nil }
            let section = elf.sections[symbol.section]
            guard section.isExecutable, section.name != ".text" else { return nil }
            return ProgramSpec(name: symbol.name, section: section.name)
        }
    }

    // MARK: Maps

    func maps() throws(BPFError) -> [MapSpec] {
        guard elf.section(".maps") != nil else { return [] }
        guard let btf else {
            throw BPFError(
                .invalid, action, reason: "it has maps, but no type information (.BTF)",
                remedy: "compile it with -g")
        }
        var maps: [MapSpec] = []
        for variable in btf.variables(ofSection: ".maps") { maps.append(try map(variable.name, variable.type, btf)) }
        return maps
    }

    /// A map is a variable of a structure with members such as `type: int (*)[TYPE]` and `key: KEY *`.
    private func map(_ name: String, _ type: UInt32, _ btf: BTF) throws(BPFError) -> MapSpec {
        guard let structure = btf.resolved(type) else { throw broken(name) }
        var numbers: [String: UInt32] = [:]
        for member in btf.members(of: structure) {
            guard let pointer = btf[member.type], pointer.kind == .pointer else { continue }
            if member.name == "key" || member.name == "value" {
                guard let size = btf.size(of: pointer.sizeOrType), let size = UInt32(exactly: size) else {
                    throw broken(name)
                }
                numbers[member.name + "_size"] = size
            } else if let array = btf.array(pointer.sizeOrType) {
                numbers[member.name] = array.count
            }
        }
        guard let type = numbers["type"] else { throw broken(name) }
        return MapSpec(
            name: name, type: MapType(rawValue: type), keySize: numbers["key_size"] ?? 0,
            valueSize: numbers["value_size"] ?? 0, maxEntries: numbers["max_entries"] ?? 0,
            flags: MapFlags(rawValue: numbers["map_flags"] ?? 0), numaNode: numbers["numa_node"])
    }

    private func broken(_ name: String) -> BPFError {
        BPFError(.invalid, action, reason: "the definition of its map '\(name)' is invalid")
    }

    // MARK: Variables

    func constants() -> [ConstantSpec] {
        variables { $0 == ".rodata" || $0.hasPrefix(".rodata.") }.map { ConstantSpec(name: $0.name, place: $0.place) }
    }

    func structOps() -> [StructOpsSpec] {
        guard let btf else { return [] }
        return variables { $0 == ".struct_ops" || $0 == ".struct_ops.link" }.compactMap { variable in
            guard let number = btf.resolved(variable.type), let type = btf[number], type.kind == .structure else {
                return nil
            }
            var place: Range<Int>?
            if let member = btf.members(of: number).first(where: { $0.name == "name" }),
                let array = btf.array(btf.resolved(member.type) ?? 0), btf.size(of: array.element) == 1
            {
                let start = Int(member.bitOffset / 8)
                if array.count > 0, start + Int(array.count) <= variable.place.count {
                    place = variable.place.lowerBound + start..<variable.place.lowerBound + start + Int(array.count)
                }
            }
            let name = place.flatMap { elf.reader.text($0.lowerBound, end: $0.upperBound) } ?? ""
            return StructOpsSpec(variable: variable.name, typeName: type.name, name: name, namePlace: place)
        }
    }

    /// The variables that have a type and bytes in the file. The offsets come from the symbols, because those in BTF
    /// are only final after libbpf has processed them.
    private func variables(
        inSection isWanted: (String) -> Bool
    ) -> [(name: String, type: UInt32, place: Range<Int>)] {
        guard let btf else { return [] }
        var found: [(name: String, type: UInt32, place: Range<Int>)] = []
        for (index, section) in elf.sections.enumerated() where isWanted(section.name) {
            for variable in btf.variables(ofSection: section.name) {
                guard let symbol = elf.symbols.first(where: { $0.name == variable.name && $0.section == index }),
                    let place = elf.place(of: symbol), btf.size(of: variable.type) == place.count
                else { continue }
                found.append((variable.name, variable.type, place))
            }
        }
        return found
    }
}
