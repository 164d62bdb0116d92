// SPDX-License-Identifier: Apache-2.0

/// The line information in `.BTF.ext`: the source line of each instruction.
struct LineTable {
    struct Line: Equatable {
        var file: String
        var line: Int
        var column: Int
    }

    /// By section name: the byte offset of an instruction, and the source line that begins there.
    private var lines: [String: [(offset: Int, line: Line)]] = [:]

    init(_ object: ObjectFile) {
        guard let btf = object.section(".BTF"), let extended = object.section(".BTF.ext") else { return }
        let types = object.content(btf)
        let data = object.content(extended)
        guard let typesHeader = types.littleEndian(at: 4, 4), let strings = types.littleEndian(at: 16, 4),
            let header = data.littleEndian(at: 4, 4), let offset = data.littleEndian(at: 16, 4),
            let length = data.littleEndian(at: 20, 4)
        else { return }
        func string(_ offset: Int) -> String {
            let start = types.startIndex + typesHeader + strings + offset
            guard start < types.endIndex else { return "" }
            return String(decoding: types[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
        var at = header + offset
        let end = at + length
        guard let recordSize = data.littleEndian(at: at, 4), recordSize >= 16 else { return }
        at += 4
        while at < end, let section = data.littleEndian(at: at, 4), let count = data.littleEndian(at: at + 4, 4) {
            at += 8
            var found: [(Int, Line)] = []
            for _ in 0..<count {
                guard let instruction = data.littleEndian(at: at, 4), let file = data.littleEndian(at: at + 4, 4),
                    let place = data.littleEndian(at: at + 12, 4)
                else { return }
                found.append((instruction, Line(file: string(file), line: place >> 10, column: place & 1023)))
                at += recordSize
            }
            lines[string(section)] = found.sorted { $0.0 < $1.0 }
        }
    }

    /// The source lines of a range of code, in the order of the code.
    func lines(section: String, in offsets: Range<Int>) -> [Line] {
        (lines[section] ?? []).filter { offsets.contains($0.offset) }.map(\.line)
    }
}
