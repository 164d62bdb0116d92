// SPDX-License-Identifier: Apache-2.0

/// Refuses what only the generated code shows: too much stack, and accesses of the context that LLVM merged.
struct ObjectCheck {
    private let program: ObjectProgram
    private let places: ObjectPlaces

    /// - Parameters:
    ///   - object: the ELF file, with `.BTF.ext`.
    ///   - module: what it was made from, as `ProgramCheck` saw it: with the debug information of the source.
    ///   - sources: those whose lines an error may name; without any, each but a library's.
    init(
        object bytes: [UInt8], module: IRModule, debug: DebugInformation, sources: [String] = []
    ) throws(BPFCError) {
        guard let object = ObjectFile(bytes) else { throw .io("clang's output isn't an ELF object") }
        program = ObjectProgram(object)
        let source = CheckedProgram(module: module, debug: debug, sources: OwnSources(sources))
        places = ObjectPlaces(index: PlaceIndex(source), lines: program.lines)
    }

    func run() throws(BPFCError) {
        let flow = RegisterFlow(program)
        let findings = StackRule().check(program, flow, places) + ContextRule().check(program, flow, places)
        let errors = Finding.report(findings)
        guard errors.isEmpty else { throw .programs(errors) }
    }
}

/// Finds the source's names and lines for functions and instructions of an object.
struct ObjectPlaces {
    let index: PlaceIndex
    let lines: LineTable

    /// The place of an instruction, or of the nearest before it that has one.
    func place(of position: Int, in function: ObjectProgram.Function) -> CheckedProgram.Place {
        let all = lines.lines(
            section: function.section, from: function.start, through: function.start + position * 8)
        return all.lazy.compactMap { index.place($0, in: function.symbol) }.first ?? declaration(of: function)
    }

    func declaration(of function: ObjectProgram.Function) -> CheckedProgram.Place {
        index.declaration(function.symbol)
    }
}
