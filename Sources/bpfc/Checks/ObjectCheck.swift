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
        places = ObjectPlaces(
            CheckedProgram(module: module, debug: debug, sources: OwnSources(sources)), lines: program.lines)
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
    private struct Key: Hashable {
        var file: Substring
        var line: Int
        var column: Int
    }

    private let source: CheckedProgram
    private let lines: LineTable
    /// The object names the innermost line, which may be a library's; the IR knows where that was inlined.
    private var places: [Key: [(function: String, place: CheckedProgram.Place)]] = [:]

    init(_ source: CheckedProgram, lines: LineTable) {
        self.source = source
        self.lines = lines
        for function in source.functions {
            for instruction in function.instructions {
                guard let inner = source.debug.frames(instruction.location).first, inner.line > 0 else { continue }
                let key = Key(file: ObjectPlaces.base(inner.file), line: inner.line, column: inner.column)
                for place in source.places(of: instruction, in: function) where place.line > 0 {
                    places[key, default: []].append((function.symbol, place))
                }
            }
        }
    }

    /// The place of an instruction, or of the nearest before it that has one.
    func place(of position: Int, in function: ObjectProgram.Function) -> CheckedProgram.Place {
        let all = lines.lines(
            section: function.section, from: function.start, through: function.start + position * 8)
        for line in all {
            let key = Key(file: ObjectPlaces.base(line.file), line: line.line, column: line.column)
            guard let found = places[key] else { continue }
            return (found.first { $0.function == function.symbol } ?? found[0]).place
        }
        return declaration(of: function)
    }

    func declaration(of function: ObjectProgram.Function) -> CheckedProgram.Place {
        let candidates = source.debug.subprograms(named: function.symbol)
            .compactMap { source.debug.declarationFrame(ofSubprogram: $0) }
        guard let frame = candidates.first(where: { source.sources.contains($0.file) }) ?? candidates.first else {
            return CheckedProgram.Place(function: function.symbol, file: nil, line: 0)
        }
        return CheckedProgram.Place(
            function: source.debug.displayName(ofSubprogram: frame.subprogram) ?? function.symbol, file: frame.file,
            line: frame.line)
    }

    private static func base(_ file: String) -> Substring { file.split(separator: "/").last ?? "" }
}
