// SPDX-License-Identifier: Apache-2.0

/// The names of programs, maps and struct_ops variables must be valid in the kernel's BTF, and unique.
///
/// Symbols get their names from the source. Names inside a program (`subscript.get`, a generic type) are made valid
/// silently. A name that users see in `bpftool` and in the skeleton is refused instead of altered.
struct NameRule: Rule {
    /// Bytes, from `KSYM_NAME_LEN` of kernels before 6.1, which includes the final zero.
    static let longest = 127
    /// Bytes, from `TCP_CA_NAME_MAX` and `BPF_OBJ_NAME_LEN`, which include the final zero.
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
            if name == section { problems.append("has the same name as its section; rename it") }
            if let other = seen[name] {
                let line = other.location.map { " in \($0.file.split(separator: "/").last ?? ""):\($0.line)" } ?? ""
                problems.append("there is another '\(name)'\(line); each program and map needs a unique name")
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

    /// Why the kernel's `btf_name_valid_identifier` refuses a name; `nil` if it accepts it.
    static func problem(_ name: String) -> String? {
        let legal = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
            default: false
            }
        }
        if !legal || name.isEmpty { return "the kernel accepts only names of letters a–z, digits and '_'" }
        if name.utf8.count > longest {
            return "the name has \(name.utf8.count) bytes; the kernel accepts at most \(longest)"
        }
        return nil
    }

    /// What is wrong with a section `struct_ops/TYPE/NAME/MEMBER`; `nil` if nothing is.
    static func structOpsProblem(_ section: String) -> String? {
        guard section == "struct_ops" || section.hasPrefix("struct_ops/") else { return nil }
        let parts = section.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, !parts.contains("") else {
            return "section '\(section)' must have the form 'struct_ops/TYPE/NAME/MEMBER', "
                + "for instance 'struct_ops/tcp_congestion_ops/example/init'"
        }
        for part in parts[1...] {
            if let problem = problem(part) { return "section '\(section)': '\(part)': \(problem)" }
        }
        guard parts[2].utf8.count <= longestOfStructOps else {
            return "section '\(section)': the name '\(parts[2])' has \(parts[2].utf8.count) bytes; "
                + "the kernel accepts at most \(longestOfStructOps)"
        }
        return nil
    }
}
