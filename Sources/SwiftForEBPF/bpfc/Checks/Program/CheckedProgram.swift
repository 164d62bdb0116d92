// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A module in the form that the rules read: the functions that programs reach, parsed, with each instruction's place.
struct CheckedProgram {
    struct Function {
        let symbol: String
        let subprogram: Int?
        let section: String?
        let signature: FunctionSignature
        /// `@inline(never)`.
        let isNeverInlined: Bool
        let instructions: [Instruction]
    }

    /// A place for an error to name: a function in the program's own sources, and a line.
    struct Place: Hashable {
        var function: String?
        var file: String?
        var line: Int

        var location: SourceLocation? {
            file.flatMap { line > 0 ? SourceLocation(file: OwnSources.display($0), line: line) : nil }
        }
    }

    let module: IRModule
    let debug: DebugInformation
    let sources: OwnSources
    /// Without the functions of Swift's runtime: a call of one is an error whatever the function does.
    let functions: [Function]
    let definedSymbols: Set<String>
    private let indices: [String: Int]
    private let cache = Cache()
    /// For each function, the places that refer to it.
    private let references: [String: [(function: Int, instruction: Int)]]

    /// - Parameter sources: the files whose lines an error may name; if empty, all files but the library's.
    init(module: IRModule, debug: DebugInformation, sources: [String] = []) {
        self.module = module
        self.debug = debug
        self.sources = OwnSources(sources)
        definedSymbols = Set(module.functions.map(\.symbol))
        let noInline = module.attributeGroups(with: "noinline")
        let all = module.functions.filter { !RuntimeRule.isRuntime($0.symbol) }.map { function in
            let lines = function.text.split(separator: "\n")
            return Function(
                symbol: function.symbol, subprogram: function.subprogram, section: function.section,
                signature: FunctionSignature(header: lines.first ?? ""),
                isNeverInlined: IRModule.attributeGroups(of: lines.first ?? "").contains(where: noInline.contains),
                instructions: lines.dropFirst().compactMap { Instruction(line: $0) })
        }
        functions = CheckedProgram.reachable(all)
        indices = Dictionary(uniqueKeysWithValues: functions.enumerated().map { ($1.symbol, $0) })
        var references: [String: [(Int, Int)]] = [:]
        for (index, function) in functions.enumerated() {
            for (position, instruction) in function.instructions.enumerated() {
                for symbol in Set(IRModule.symbols(in: instruction.body)) where indices[symbol] != nil {
                    references[symbol, default: []].append((index, position))
                }
            }
        }
        self.references = references
    }

    func function(_ symbol: String) -> Function? { indices[symbol].map { functions[$0] } }

    /// Whether the function's address is used other than to call it, for example as a callback for a kernel helper.
    func isAddressTaken(_ symbol: String) -> Bool {
        references[symbol, default: []].contains { site in
            let instruction = functions[site.function].instructions[site.instruction]
            return instruction.callee != .symbol(symbol)
                || instruction.arguments.contains { IRModule.symbols(in: $0).contains(symbol) }
        }
    }

    // MARK: Places

    /// The functions that an instruction belongs to because of inlining, innermost first.
    func frames(of instruction: Instruction) -> [DebugInformation.Frame] {
        guard let location = instruction.location else { return [] }
        if let known = cache.frames[location] { return known }
        let frames = debug.frames(location)
        cache.frames[location] = frames
        return frames
    }

    private final class Cache {
        var frames: [Int: [DebugInformation.Frame]] = [:]
    }

    /// The places in the program's own sources that an instruction comes from: the innermost of its frames that is in
    /// these sources. For a library function that wasn't inlined, the places where these sources call it.
    func places(of instruction: Instruction, in function: Function) -> [Place] {
        var visited: Set<String> = []
        let found = places(of: instruction, in: function, &visited)
        return found.isEmpty ? [Place(function: displayName(function), file: nil, line: 0)] : found
    }

    private func places(of instruction: Instruction, in function: Function, _ visited: inout Set<String>) -> [Place] {
        let frames = self.frames(of: instruction)
        let owns = frames.filter { sources.contains($0.file) }
        if let own = owns.first(where: { $0.line > 0 }) ?? owns.first {
            return [place(own, near: instruction, in: function)]
        }
        if let declaration = function.subprogram.flatMap(debug.declarationFrame), sources.contains(declaration.file) {
            return [place(declaration, near: instruction, in: function)]
        }
        visited.insert(function.symbol)
        var found: [Place] = []
        for site in references[function.symbol, default: []] {
            let caller = functions[site.function]
            guard !visited.contains(caller.symbol) else { continue }
            for place in places(of: caller.instructions[site.instruction], in: caller, &visited)
            where !found.contains(place) {
                found.append(place)
            }
        }
        return found
    }

    /// The place of a function's declaration; for a library function, the places where the program's own sources call
    /// it.
    func ownPlaces(of function: Function) -> [Place] {
        let declaration = declaration(of: function)
        if let file = declaration.file, sources.contains(file) { return [declaration] }
        let callers = references[function.symbol, default: []].flatMap { site in
            places(of: functions[site.function].instructions[site.instruction], in: functions[site.function])
        }
        return callers.isEmpty ? [declaration] : callers
    }

    /// The place of a function's declaration.
    func declaration(of function: Function) -> Place {
        guard let frame = function.subprogram.flatMap(debug.declarationFrame) else {
            return Place(function: displayName(function), file: nil, line: 0)
        }
        return Place(function: displayName(function), file: frame.file, line: frame.line)
    }

    func displayName(_ function: Function) -> String? {
        function.subprogram.flatMap(debug.displayName) ?? SwiftSymbol.name(function.symbol)
    }

    /// The names of the functions that contain a call because of inlining, outermost first.
    func path(of instruction: Instruction, in function: Function) -> [String] {
        let names = frames(of: instruction).reversed().compactMap {
            debug.displayName(ofSubprogram: $0.subprogram)
        }
        return names.isEmpty ? [displayName(function) ?? function.symbol] : names
    }

    /// The place of a frame. If the compiler gives no line (0), it is the line of the nearest preceding instruction of
    /// the same function.
    private func place(_ frame: DebugInformation.Frame, near instruction: Instruction, in function: Function) -> Place {
        var line = frame.line
        if line == 0, let index = function.instructions.firstIndex(where: { $0.text == instruction.text }) {
            for earlier in function.instructions[..<index].reversed() {
                let frames = self.frames(of: earlier)
                if let match = frames.first(where: { $0.subprogram == frame.subprogram && $0.line > 0 }) {
                    line = match.line
                    break
                }
            }
        }
        if line == 0 { line = debug.declarationFrame(ofSubprogram: frame.subprogram)?.line ?? 0 }
        return Place(function: debug.displayName(ofSubprogram: frame.subprogram), file: frame.file, line: line)
    }

    // MARK: Parsing

    /// The functions that programs reach through references, in the module's order.
    private static func reachable(_ all: [Function]) -> [Function] {
        let bySymbol = Dictionary(all.map { ($0.symbol, $0) }) { first, _ in first }
        var pending = all.filter { $0.section.map(IRModule.isProgramSection) ?? false }.map(\.symbol)
        var reached = Set(pending)
        while let symbol = pending.popLast() {
            guard let function = bySymbol[symbol] else { continue }
            for instruction in function.instructions {
                for reference in IRModule.symbols(in: instruction.body) where reached.insert(reference).inserted {
                    pending.append(reference)
                }
            }
        }
        return all.filter { reached.contains($0.symbol) }
    }
}

extension IRModule {
    /// The numbers of the groups that contain an attribute.
    func attributeGroups(with attribute: String) -> Set<Int> {
        Set(
            attributeGroups.compactMap { line in
                line.split(separator: " ").contains(Substring(attribute))
                    ? number(after: "attributes #", in: line) : nil
            })
    }

    /// The numbers of the groups that a `define` line refers to.
    static func attributeGroups(of header: Substring) -> [Int] {
        header.split(separator: " ").compactMap { $0.hasPrefix("#") ? Int($0.dropFirst()) : nil }
    }
}

/// The result and the parameters of a `define` line, as LLVM prints them.
struct FunctionSignature {
    /// `i32`, `void`, `{ i64, i64 }`, …
    var result = ""
    var parameters: [Substring] = []

    init(header: Substring) {
        guard let at = header.firstIndex(of: "@") else { return }
        let before = header[..<at].drop { $0 != " " }
        if let brace = before.firstIndex(where: { "{[<".contains($0) }) {
            result = String(before[brace...].prefix { $0 != "@" }).trimmingCharacters(in: .whitespaces)
        } else {
            result = before.split(separator: " ").last.map(String.init) ?? ""
        }
        var rest = header[header.index(after: at)...]
        if rest.first == "\"" { rest = rest.dropFirst().drop { $0 != "\"" }.dropFirst() }
        guard let open = rest.firstIndex(of: "("), let (inside, _) = Instruction.group(rest[open...]) else { return }
        parameters = Instruction.split(inside)
    }

    /// Whether it returns a structure, in registers (`{ i64, i64 }`) or through a pointer to the caller's memory
    /// (`sret`).
    var returnsAggregate: Bool {
        "{[<%".contains(result.first ?? " ") || parameters.contains { $0.contains("sret(") }
    }
}
