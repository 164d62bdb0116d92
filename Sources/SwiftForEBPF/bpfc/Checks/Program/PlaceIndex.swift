// SPDX-License-Identifier: Apache-2.0

/// Finds the program's own line for a line that clang or an object names.
///
/// Both name the innermost line, which may be in a library function. The IR says where that function was inlined.
final class PlaceIndex {
    private struct Key: Hashable {
        var file: Substring
        var line: Int
        var column: Int
    }

    let source: CheckedProgram
    /// Built when the first error is reported.
    private lazy var places = makePlaces()

    init(_ source: CheckedProgram) { self.source = source }

    private func makePlaces() -> [Key: [(function: String, place: CheckedProgram.Place)]] {
        var places: [Key: [(function: String, place: CheckedProgram.Place)]] = [:]
        for function in source.functions {
            for instruction in function.instructions {
                guard let inner = source.frames(of: instruction).first, inner.line > 0 else { continue }
                let key = Key(file: PlaceIndex.base(inner.file), line: inner.line, column: inner.column)
                for place in source.places(of: instruction, in: function) where place.line > 0 {
                    places[key, default: []].append((function.symbol, place))
                }
            }
        }
        return places
    }

    /// The program's own line for a line of the function that has this symbol in the object.
    func place(_ line: LineTable.Line, in symbol: String) -> CheckedProgram.Place? {
        let found = places[Key(file: PlaceIndex.base(line.file), line: line.line, column: line.column)]
        return (found?.first { $0.function == symbol } ?? found?.first)?.place
    }

    /// The declaration of the function that has this symbol in the object.
    func declaration(_ symbol: String) -> CheckedProgram.Place {
        let candidates = source.debug.subprograms(named: symbol)
            .compactMap { source.debug.declarationFrame(ofSubprogram: $0) }
        guard let frame = candidates.first(where: { source.sources.contains($0.file) }) ?? candidates.first else {
            return CheckedProgram.Place(function: symbol, file: nil, line: 0)
        }
        return CheckedProgram.Place(
            function: source.debug.displayName(ofSubprogram: frame.subprogram) ?? symbol, file: frame.file,
            line: frame.line)
    }

    private static func base(_ file: String) -> Substring { file.split(separator: "/").last ?? "" }
}
