// SPDX-License-Identifier: Apache-2.0

/// Names of programs, maps and structures must be such as the kernel's BTF takes, and each another.
///
/// Symbols get the names of the source. Names inside a program (`subscript.get`, a generic's type) are made legal without
/// a word; a name that users see in `bpftool` and in the skeleton is refused rather than altered.
struct NameRule: Rule {
    /// `KSYM_NAME_LEN` of kernels before 6.1, with the final zero.
    static let longest = 127
    /// `TCP_CA_NAME_MAX`, `BPF_OBJ_NAME_LEN`, with the final zero.
    static let longestOfStructOps = 15

    func check(_ program: CheckedProgram) -> [Finding] {
        var findings: [Finding] = []
        var seen: [String: CheckedProgram.Place] = [:]
        func look(_ symbol: String, _ section: String, _ place: CheckedProgram.Place) {
            var place = place
            let name = SwiftSymbol.isMangled(symbol) ? place.function ?? symbol : symbol
            place.function = name
            var problems: [String] = []
            if let problem = NameRule.problem(name) { problems.append(problem) }
            if name == section { problems.append("bears the name of its section; give it another") }
            if let other = seen[name] {
                let line = other.location.map { " in \($0.file.split(separator: "/").last ?? ""):\($0.line)" } ?? ""
                problems.append("there is another '\(name)'\(line); programs and maps need names of their own")
            }
            seen[name] = place
            findings += problems.map { Finding(.name, place, $0) }
        }
        for global in program.module.globals where !global.isDeclaration {
            guard let section = global.section, IRModule.isProgramSection(section) else { continue }
            let variable = program.debug.variable(global)
            look(
                global.symbol, section,
                .init(function: variable?.name, file: variable?.file, line: variable?.line ?? 0))
        }
        for function in program.functions {
            guard let section = function.section, IRModule.isProgramSection(section) else { continue }
            let place = program.declaration(of: function)
            look(function.symbol, section, place)
            if let problem = NameRule.structOpsProblem(section) { findings.append(Finding(.name, place, problem)) }
        }
        return findings
    }

    /// What `btf_name_valid_identifier` of the kernel has against a name.
    static func problem(_ name: String) -> String? {
        let legal = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
            default: false
            }
        }
        if !legal || name.isEmpty { return "the kernel takes only names of letters a–z, digits and '_'" }
        if name.utf8.count > longest {
            return "the name has \(name.utf8.count) bytes; the kernel takes \(longest) at most"
        }
        return nil
    }

    /// What is wrong with a section `struct_ops/TYPE/NAME/MEMBER`.
    static func structOpsProblem(_ section: String) -> String? {
        guard section == "struct_ops" || section.hasPrefix("struct_ops/") else { return nil }
        let parts = section.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, !parts.contains("") else {
            return "section '\(section)' must read 'struct_ops/TYPE/NAME/MEMBER', "
                + "for instance 'struct_ops/tcp_congestion_ops/example/init'"
        }
        for part in parts[1...] {
            if let problem = problem(part) { return "section '\(section)': '\(part)': \(problem)" }
        }
        guard parts[2].utf8.count <= longestOfStructOps else {
            return "section '\(section)': the name '\(parts[2])' has \(parts[2].utf8.count) bytes; "
                + "the kernel takes \(longestOfStructOps) at most"
        }
        return nil
    }
}
