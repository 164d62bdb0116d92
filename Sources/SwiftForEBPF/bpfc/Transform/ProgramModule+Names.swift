// SPDX-License-Identifier: Apache-2.0

extension ProgramModule {
    /// Renames functions and variables to their names in the source: `$e11BatonKernel5saved…vp` becomes `saved`.
    ///
    /// A name that the source uses twice (methods of two types) gets a number. Programs, maps and constants must have
    /// unique names.
    mutating func renameToSourceNames() throws(BPFCError) {
        let published = Set(
            maps.map(\.name) + constants.map(\.name)
                + module.functions.filter { $0.section.map(IRModule.isProgramSection) ?? false }.map(\.symbol))
        let symbols = module.globals.map(\.symbol) + module.functions.map(\.symbol)
        var taken = Set(symbols.filter { !$0.contains("$") })
        var names: [String: String] = [:]
        for symbol in symbols.filter(published.contains) + symbols.filter({ !published.contains($0) }) {
            guard symbol.contains("$"), let source = debug.sourceName(ofSymbol: symbol) else { continue }
            var name = legalName(source)
            if published.contains(symbol), taken.contains(name) {
                throw .program(ProgramError(problem: "two programs, maps or constants are named '\(name)'; rename one"))
            }
            let base = name
            var count = 1
            while !taken.insert(name).inserted {
                count += 1
                name = "\(base)_\(count)"
            }
            names[symbol] = name
        }
        module.rename(names)
        for index in maps.indices { maps[index].name = names[maps[index].name] ?? maps[index].name }
        for index in constants.indices {
            constants[index].name = names[constants[index].name] ?? constants[index].name
        }
    }

    /// Sorts what the skeleton declares, so that the order doesn't depend on the compiler.
    mutating func nameDeclarations() {
        programs = module.functions.compactMap { function in
            function.section.flatMap { section in
                IRModule.isProgramSection(section) ? ProgramDeclaration(name: function.symbol, section: section) : nil
            }
        }
        maps.sort { $0.name < $1.name }
        constants.sort { $0.name < $1.name }
        programs.sort { $0.name < $1.name }
    }
}
