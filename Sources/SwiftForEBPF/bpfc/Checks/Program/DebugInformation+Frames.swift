// SPDX-License-Identifier: Apache-2.0

import Foundation

extension DebugInformation {
    /// One function that an instruction belongs to. The innermost is the function whose source contains it, the
    /// outermost is the function that it was inlined into.
    struct Frame: Equatable {
        /// Number of its `DISubprogram`.
        var subprogram: Int
        var file: String
        /// 0 if the compiler generated the instruction without a source line.
        var line: Int
        var column: Int
    }

    /// The frames of an instruction's `!dbg !N`, innermost first.
    func frames(_ location: Int?) -> [Frame] {
        var frames: [Frame] = []
        var next = location
        while let number = next, let node = metadata[number], node.contains("DILocation(") {
            let scope = bpfc.number(after: "scope: !", in: node)
            if let scope, let subprogram = subprogram(ofScope: scope) {
                frames.append(
                    Frame(
                        subprogram: subprogram, file: filePath(ofScope: scope) ?? "",
                        line: bpfc.number(after: "line: ", in: node) ?? 0,
                        column: bpfc.number(after: "column: ", in: node) ?? 0))
            }
            next = bpfc.number(after: "inlinedAt: !", in: node)
        }
        return frames
    }

    /// The name that a function has in its source: `congestionWindow`, not `congestionWindow.get`.
    func displayName(ofSubprogram subprogram: Int) -> String? {
        guard let name = name(ofSubprogram: subprogram).map(SwiftSymbol.unescaped), !name.isEmpty else {
            // A closure has only a symbol, which begins with the function that contains it.
            return metadata[subprogram].flatMap { quoted(after: "linkageName: ", in: $0) }.flatMap(SwiftSymbol.name)
        }
        for accessor in [".get", ".set", ".modify", ".read"] where name.hasSuffix(accessor) {
            return String(name.dropLast(accessor.count))
        }
        return name.hasPrefix("$") ? nil : name
    }

    /// The reason that the artificial function of a trap names, for example `arithmetic overflow`.
    func runtimeFailure(_ location: Int?) -> String? {
        guard let innermost = frames(location).first, let name = name(ofSubprogram: innermost.subprogram) else {
            return nil
        }
        let prefix = "Swift runtime failure: "
        return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    /// The place of a function's declaration.
    func declarationFrame(ofSubprogram subprogram: Int) -> Frame? {
        guard let node = metadata[subprogram] else { return nil }
        return Frame(
            subprogram: subprogram, file: filePath(ofScope: subprogram) ?? "",
            line: number(after: "line: ", in: node) ?? 0, column: 0)
    }

    /// The name and the place of a global variable, from the `!dbg` of its definition.
    func variable(_ global: IRModule.Global) -> (name: String, file: String, line: Int)? {
        guard let expression = number(after: "!dbg !", in: global.body), let node = metadata[expression],
            let variable = number(after: "var: !", in: node).flatMap({ metadata[$0] }),
            let name = quoted(after: "(name: ", in: variable).map(SwiftSymbol.unescaped)
        else { return nil }
        let file = number(after: "file: !", in: variable).flatMap(path(ofFile:))
        return (name, file ?? "", number(after: "line: ", in: variable) ?? 0)
    }

    /// The subprograms with this linkage name; if there is none, those that have this name in the object.
    func subprograms(named symbol: String) -> [Int] {
        let all = metadata.filter { $0.value.contains("DISubprogram(") }
        let linked = all.filter { quoted(after: "linkageName: ", in: $0.value) == symbol }
        if !linked.isEmpty { return linked.keys.sorted() }
        func legal(_ name: String) -> String {
            String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        }
        return all.filter { quoted(after: "(name: ", in: $0.value).map(legal) == symbol }.keys.sorted()
    }

    private func subprogram(ofScope scope: Int) -> Int? {
        var next: Int? = scope
        while let number = next, let node = metadata[number] {
            if node.contains("DISubprogram(") { return number }
            next = bpfc.number(after: "scope: !", in: node)
        }
        return nil
    }

    private func filePath(ofScope scope: Int) -> String? {
        var next: Int? = scope
        while let number = next, let node = metadata[number] {
            if let file = bpfc.number(after: "file: !", in: node) { return path(ofFile: file) }
            next = bpfc.number(after: "scope: !", in: node)
        }
        return nil
    }

    private func path(ofFile file: Int) -> String? {
        guard let node = metadata[file], let name = quoted(after: "filename: ", in: node) else { return nil }
        if name.hasPrefix("/") { return name }
        guard let directory = quoted(after: "directory: ", in: node), !directory.isEmpty, directory != "." else {
            return name
        }
        return directory + "/" + name
    }
}
