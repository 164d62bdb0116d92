// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The names and places in Swift's debug information of a module.
struct DebugInformation {
    let metadata: [Int: String]

    init(_ module: IRModule) { metadata = module.metadata }

    /// The source name of the global or function with this symbol.
    func sourceName(ofSymbol symbol: String) -> String? {
        for node in metadata.values where node.contains("DIGlobalVariable(") || node.contains("DISubprogram(") {
            if quoted(after: "linkageName: ", in: node) == symbol { return quoted(after: "(name: ", in: node) }
        }
        return nil
    }

    func name(ofSubprogram number: Int?) -> String? {
        number.flatMap { metadata[$0] }.flatMap { quoted(after: "(name: ", in: $0) }
    }

    /// The name of a function's parameter; `nil` if it has none that BTF accepts.
    func argumentName(_ position: Int, ofSubprogram subprogram: Int) -> String? {
        guard let nodes = metadata[subprogram].flatMap({ number(after: "retainedNodes: !", in: $0) }),
            let list = metadata[nodes]
        else { return nil }
        for reference in list.matches(of: #/!([0-9]+)/#) {
            guard let variable = Int(reference.output.1).flatMap({ metadata[$0] }),
                number(after: "arg: ", in: variable) == position, let name = quoted(after: "(name: ", in: variable)
            else { continue }
            return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } ? name : nil
        }
        return nil
    }

    /// The place of a `!dbg !N`: the outermost one, so that it isn't in an inlined helper.
    func location(_ node: Int?) -> SourceLocation? {
        guard let node, let text = metadata[node], text.contains("DILocation(") else { return nil }
        if let outer = location(number(after: "inlinedAt: !", in: text)) { return outer }
        guard let line = number(after: "line: ", in: text), line > 0,
            let file = file(ofScope: number(after: "scope: !", in: text))
        else { return nil }
        return SourceLocation(file: file, line: line)
    }

    func declaration(ofSubprogram subprogram: Int?) -> SourceLocation? {
        guard let subprogram, let node = metadata[subprogram], let line = number(after: "line: ", in: node),
            let file = file(ofScope: subprogram)
        else { return nil }
        return SourceLocation(file: file, line: line)
    }

    private func file(ofScope scope: Int?) -> String? {
        guard let scope, let node = metadata[scope] else { return nil }
        guard let fileNumber = number(after: "file: !", in: node) else {
            return file(ofScope: number(after: "scope: !", in: node))
        }
        guard let file = metadata[fileNumber], let name = quoted(after: "filename: ", in: file) else { return nil }
        if name.hasPrefix("/") { return name }
        guard let directory = quoted(after: "directory: ", in: file), !directory.isEmpty else { return name }
        return directory + "/" + name
    }
}
