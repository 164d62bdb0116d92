// SPDX-License-Identifier: Apache-2.0

/// Refuses what only the generated code shows: too much stack, and context accesses that LLVM merged.
struct ObjectCheck {
    private let program: ObjectProgram
    private let places: ObjectPlaces

    /// - Parameters:
    ///   - object: the ELF file, with `.BTF.ext`.
    ///   - source: the program that it was compiled from, as `ProgramCheck` saw it.
    init(object bytes: [UInt8], source: CheckedProgram) throws(BPFCError) {
        guard let object = ObjectFile(bytes) else { throw .io("clang's output isn't an ELF object") }
        program = ObjectProgram(object)
        places = ObjectPlaces(index: PlaceIndex(source), lines: program.lines)
    }

    func run() throws(BPFCError) {
        let flow = RegisterFlow(program)
        let findings = StackRule().check(program, flow, places) + ContextRule().check(program, flow, places)
        let errors = Finding.report(findings)
        guard errors.isEmpty else { throw .programs(errors) }
    }
}

/// Finds the source names and lines of functions and instructions in an object.
struct ObjectPlaces {
    let index: PlaceIndex
    let lines: LineTable

    /// The place of an instruction; if it has none, the place of the nearest instruction that has one.
    func place(of position: Int, in function: ObjectProgram.Function) -> CheckedProgram.Place {
        let offset = function.start + position * 8
        let end = function.start + function.code.count * 8
        let before = lines.lines(section: function.section, in: function.start..<offset + 1).reversed()
        let after = lines.lines(section: function.section, in: offset + 1..<max(end, offset + 1))
        return (before + after).lazy.compactMap { index.place($0, in: function.symbol) }.first
            ?? declaration(of: function)
    }

    func declaration(of function: ObjectProgram.Function) -> CheckedProgram.Place {
        index.declaration(function.symbol)
    }
}
