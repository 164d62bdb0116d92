// SPDX-License-Identifier: Apache-2.0

/// The functions of an object, their instructions and their calls.
struct ObjectProgram {
    struct Function {
        var symbol: String
        var section: String
        /// Byte offset in its section.
        var start: Int
        /// Instructions by position. The second half of a wide instruction is `nil`.
        var code: [BPFInstruction?]
        /// The position of each call, or of each instruction that takes a function's address, and the index of that
        /// function.
        var calls: [(position: Int, callee: Int)] = []
        /// Whether the kernel calls it, and not another function of the object.
        var isProgram: Bool
    }

    private(set) var functions: [Function] = []
    let lines: LineTable

    init(_ object: ObjectFile) {
        lines = LineTable(object)
        var places: [(section: Int, start: Int)] = []
        for symbol in object.symbols where symbol.isFunction && object.sections.indices.contains(symbol.section) {
            let section = object.sections[symbol.section]
            guard section.isCode, !places.contains(where: { $0 == (symbol.section, symbol.value) }) else { continue }
            let content = object.content(symbol.section)
            var code: [BPFInstruction?] = []
            var at = symbol.value
            while at < symbol.value + symbol.size, let instruction = BPFInstruction(content, at: at) {
                code.append(instruction)
                at += 8
                if instruction.isWide {
                    code.append(nil)
                    at += 8
                }
            }
            places.append((symbol.section, symbol.value))
            functions.append(
                Function(
                    symbol: symbol.name, section: section.name, start: symbol.value, code: code,
                    isProgram: section.name != ".text"))
        }
        for index in functions.indices {
            findCalls(of: index, in: object, places)
        }
        // A static function may be in a program's section too. If another function calls it, it isn't a program.
        let called = Set(functions.flatMap { $0.calls.map(\.callee) })
        for index in called where object.symbols.contains(where: { isLocal($0, functions[index]) }) {
            functions[index].isProgram = false
        }
    }

    /// The byte offset of an instruction in its section.
    func offset(_ position: Int, in function: Function) -> Int { function.start + position * 8 }

    private func isLocal(_ symbol: ObjectFile.Symbol, _ function: Function) -> Bool {
        symbol.isFunction && symbol.name == function.symbol && symbol.isLocal
    }

    private mutating func findCalls(of index: Int, in object: ObjectFile, _ places: [(section: Int, start: Int)]) {
        let function = functions[index]
        let own = places[index].section
        let relocations = Dictionary(
            (object.relocations[own] ?? []).map { ($0.offset, $0.symbol) }, uniquingKeysWith: { first, _ in first })
        for (position, instruction) in function.code.enumerated() {
            guard let instruction, instruction.isCall || instruction.isWide else { continue }
            let target: (section: Int, start: Int)
            if let number = relocations[offset(position, in: function)], object.symbols.indices.contains(number) {
                let symbol = object.symbols[number]
                var start = symbol.value
                if symbol.isSection {
                    start += instruction.isCall ? (instruction.immediate + 1) * 8 : instruction.immediate
                }
                target = (symbol.section, start)
            } else if instruction.isCall, instruction.source == 1 {
                target = (own, offset(position + 1 + instruction.immediate, in: function))
            } else {
                continue
            }
            if let callee = places.firstIndex(where: { $0 == target }) {
                functions[index].calls.append((position, callee))
            }
        }
    }
}
