// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// A program that gets the arguments of a kernel function has them as Swift parameters, but the kernel passes one
    /// array. So each parameter becomes a load from that array, as the macro `BPF_PROG` does in C.
    mutating func unpackArguments() throws(BPFCError) {
        for index in module.functions.indices {
            let function = module.functions[index]
            guard let section = function.section, ProgramSection(section).hasArguments,
                let signature = Signature(header: function.header)
            else { continue }
            guard signature.parameters.allSatisfy({ $0 == "ptr" || $0.hasPrefix("i") }) else {
                throw .program(
                    ProgramError(
                        function: debug.name(ofSubprogram: function.subprogram) ?? function.symbol,
                        location: debug.declaration(ofSubprogram: function.subprogram),
                        problem: "has a parameter that is neither an integer nor a pointer"))
            }
            module.functions[index].text = unpacked(function, signature, isTracing: !section.hasPrefix("struct_ops"))
            module.functions[index].hasUnpackedArguments = true
        }
    }

    private func unpacked(_ function: IRModule.Function, _ signature: Signature, isTracing: Bool) -> String {
        var loads: [String] = []
        for (position, type) in signature.parameters.enumerated() {
            loads.append("  %argument.\(position) = getelementptr inbounds i64, ptr %arguments, i64 \(position)")
            switch type {
            case "ptr", "i64": loads.append("  %\(position) = load \(type), ptr %argument.\(position), align 8")
            default:
                loads.append("  %argument.\(position).word = load i64, ptr %argument.\(position), align 8")
                loads.append("  %\(position) = trunc i64 %argument.\(position).word to \(type)")
            }
        }
        var header = function.header
        header.replaceSubrange(signature.parameterRange(in: header), with: "ptr %arguments")
        var lines = function.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // A tracing program must return 0; Swift's returns nothing.
        if isTracing, signature.result == "void" {
            header = header.replacingOccurrences(of: " void @", with: " i32 @")
            for index in lines.indices where lines[index].hasPrefix("  ret void") {
                lines[index] = lines[index].replacingOccurrences(of: "ret void", with: "ret i32 0")
            }
        }
        lines[0] = header
        let entry = lines.firstIndex { $0.hasPrefix("entry:") } ?? 0
        lines.insert(contentsOf: loads, at: entry + 1)
        return lines.joined(separator: "\n")
    }
}

/// The LLVM types of the result and the parameters in a `define` line.
struct Signature {
    var result: String
    var parameters: [String]

    init?(header: String) {
        guard let at = header.firstIndex(of: "@") else { return nil }
        guard let result = header[..<at].split(separator: " ").last else { return nil }
        self.result = String(result)
        parameters = Signature.list(in: header).compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    /// The range between the parentheses after the symbol.
    func parameterRange(in header: String) -> Range<String.Index> { Signature.parentheses(in: header) }

    private static func parentheses(in header: String) -> Range<String.Index> {
        guard let at = header.firstIndex(of: "@") else { return header.endIndex..<header.endIndex }
        var isQuoted = false
        var depth = 0
        var start = header.endIndex
        for index in header[at...].indices {
            switch header[index] {
            case "\"": isQuoted.toggle()
            case "(" where !isQuoted:
                depth += 1
                if depth == 1 { start = header.index(after: index) }
            case ")" where !isQuoted:
                depth -= 1
                if depth == 0 { return start..<index }
            default: break
            }
        }
        return header.endIndex..<header.endIndex
    }

    private static func list(in header: String) -> [Substring] {
        var parts: [Substring] = []
        let text = header[parentheses(in: header)]
        var depth = 0
        var start = text.startIndex
        for index in text.indices {
            switch text[index] {
            case "(", "{": depth += 1
            case ")", "}": depth -= 1
            case "," where depth == 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return text.isEmpty ? [] : parts + [text[start...]]
    }
}
