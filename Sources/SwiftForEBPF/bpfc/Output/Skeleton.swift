// SPDX-License-Identifier: Apache-2.0

/// The Swift source that carries an object into a user-side program: its bytes, and typed access to its maps, programs,
/// constants and struct_ops variables, so that a misspelt name or a wrong type doesn't compile.
struct Skeleton {
    private let name: String
    private let object: [UInt8]
    private let program: ProgramModule
    private let imports: [String]
    /// Types of the program's own, which user space gets too.
    private let ownTypes: [SwiftType]
    /// `package `, `public ` or nothing.
    private let access: String

    /// - Parameters:
    ///   - shared: modules that user space has too.
    ///   - access: who may use what is declared: `internal`, `package` or `public`.
    /// - Throws: what can't be told to user space.
    init(
        name: String, object: [UInt8], program: ProgramModule, shared: [String], access: String
    ) throws(BPFCError) {
        self.name = name
        self.access = access == "internal" ? "" : access + " "
        self.object = object
        self.program = program
        let types =
            program.maps.flatMap { [$0.key, $0.value].compactMap { $0 } } + program.constants.map(\.type)
        let declared = types.flatMap(\.declared)
        imports = shared.filter { module in declared.contains { $0.module == module } }
        let available = Set(shared + ["BPFShared"])
        var own: [SwiftType] = []
        for (module, type) in declared where !available.contains(module) {
            var isGeneric = false
            if case .structure(let structure) = type { isGeneric = !structure.arguments.isEmpty }
            guard module == "\(name)Kernel", !isGeneric else {
                throw .program(
                    ProgramError(
                        problem: "user space can't have the type '\(type.spelling)' of a map or constant; "
                            + "declare it in a module \(name)Shared"))
            }
            if Skeleton.reserved.contains(type.spelling) {
                throw .program(
                    ProgramError(
                        problem: "the type '\(type.spelling)' of a map or constant bears a name that the skeleton "
                            + "needs; give it another"))
            }
            if own.contains(where: { $0.spelling == type.spelling && $0 != type }) {
                throw .program(
                    ProgramError(problem: "two types of maps or constants are named '\(type.spelling)'; rename one"))
            }
            if !own.contains(type) { own.append(type) }
        }
        ownTypes = own
        let names = program.maps.map(\.name) + program.programs.map(\.name) + program.constants.map(\.name)
        if let name = names.first(where: ["Type", "Protocol", "self", "_object"].contains) {
            throw .program(ProgramError(function: name, problem: "Swift has no member of this name; rename it"))
        }
    }

    func source() -> String {
        var lines = [
            "// Made by bpfc from the kernel sources of '\(name)'. Changes here are lost.", "", "\(access)import BPF",
        ]
        lines += imports.map { "\(access)import \($0)" }
        for type in ownTypes { lines += [""] + declaration(of: type) }
        lines += ["", "/// The eBPF object '\(name)' in the kernel."]
        lines += block("\(access)struct \(name)Object: ~Copyable, Sendable", loaded() + [""] + spec() + [""] + elf())
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Types

    /// A type that only the kernel's sources declare.
    private func declaration(of type: SwiftType) -> [String] {
        let comment = ["/// As the kernel's program declares it."]
        switch type {
        case .enumeration(let name, _, let cases):
            // Raw values aren't known here; what lies in memory is the number of the case.
            return comment
                + block("\(access)enum \(name): BitwiseCopyable, Sendable", cases.map { "case \(escaped($0))" })
        case .structure(let structure): return comment + declaration(of: structure)
        default: return []
        }
    }

    private func declaration(of type: SwiftType.Structure) -> [String] {
        let members = type.members.enumerated().map { index, member in
            (name: escaped(member.name ?? "_\(index)"), type: member.type.spelling)
        }
        let parameters = members.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
        return block(
            "\(access)struct \(type.name): BitwiseCopyable, Sendable",
            members.map { "\(access)var \($0.name): \($0.type)" } + [""]
                + block("\(access)init(\(parameters))", members.map { "self.\($0.name) = \($0.name)" }))
    }

    // MARK: The loaded object

    private struct Group {
        /// The property, and the type in which its members lie.
        var property: String
        var type: String
        /// Name and type of the members, how a loaded object gives them, and how a spec does.
        var members: [(name: String, type: String)]
        var verb: String
        var specType: String
        var specKey: String
    }

    private var groups: [Group] {
        [
            Group(
                property: "maps", type: "Maps",
                members: program.maps.map { ($0.name, $0.kind.userType(key: $0.key, value: $0.value)) }, verb: "map",
                specType: "BPF.MapSpec", specKey: "map"),
            Group(
                property: "programs", type: "Programs",
                members: program.programs.compactMap { program in
                    ProgramSection(program.section).userType.map { (program.name, $0) }
                },
                verb: "program", specType: "BPF.ProgramSpec", specKey: "program"),
            Group(
                property: "structOps", type: "StructOps", members: program.structOps.map { ($0, "BPF.StructOps") },
                verb: "structOps", specType: "BPF.StructOpsSpec", specKey: "structOps"),
        ].filter { !$0.members.isEmpty }
    }

    private func loaded() -> [String] {
        var lines = groups.map { "\(access)let \($0.property): \($0.type)" }
        lines += [
            "/// The object itself, by whose methods all of that can be had by name.",
            "\(access)let object: BPF.Object",
            "",
        ]
        lines += ["/// Loads the object as its sources describe it. A 'Spec' changes what is loaded."]
        lines += ["\(access)static func load() throws(BPFError) -> \(name)Object { try Spec().load() }", ""]
        // Noncopyable properties can't be left half set when something throws; hence the variables.
        lines += block(
            "\(access)init(_ spec: Spec) throws(BPFError)",
            ["let object = try spec.object.load()"]
                + groups.map { "let \($0.property) = try \($0.type)(object)" }
                + groups.map { "self.\($0.property) = \($0.property)" } + ["self.object = object"])
        for group in groups {
            lines.append("")
            lines += block(
                "\(access)struct \(group.type): ~Copyable, Sendable",
                group.members.map { "\(access)let \(escaped($0.name)): \($0.type)" } + [""]
                    + block(
                        "fileprivate init(_ object: borrowing BPF.Object) throws(BPFError)",
                        group.members.map {
                            "let \(escaped($0.name)): \($0.type) = try object.\(group.verb)(\"\($0.name)\")"
                        } + group.members.map { "self.\(escaped($0.name)) = \(escaped($0.name))" }))
        }
        return lines
    }

    // MARK: The spec

    private func spec() -> [String] {
        var lines = ["\(access)var object: BPF.ObjectSpec", ""]
        lines += block(
            "\(access)init() throws(BPFError)",
            ["object = try BPF.ObjectSpec(elf: \(name)Object.elf, name: \"\(name)\")"])
        lines += [
            "", "/// Loads it into the kernel.",
            "\(access)func load() throws(BPFError) -> \(name)Object { try \(name)Object(self) }",
        ]
        for group in groups {
            let type = group.type
            lines += [""] + view(group.property, type)
            lines += block(
                "\(access)struct \(type): Sendable",
                ["fileprivate var _object: BPF.ObjectSpec"]
                    + group.members.flatMap { member in
                        accessor(member.name, group.specType, "_object[\(group.specKey): \"\(member.name)\"]")
                    })
        }
        if !program.constants.isEmpty {
            lines += [""] + view("constants", "Constants")
            lines += block(
                "\(access)struct Constants: Sendable",
                ["fileprivate var _object: BPF.ObjectSpec"]
                    + program.constants.flatMap { constant in
                        accessor(
                            constant.name, constant.type.spelling,
                            "_object[constant: \"\(constant.name)\", as: \(constant.type.spelling).self]")
                    })
        }
        return ["/// What is to be loaded; nothing is in the kernel yet."]
            + block("\(access)struct Spec: Sendable", lines)
    }

    private func view(_ property: String, _ type: String) -> [String] {
        block(
            "\(access)var \(property): \(type)",
            ["get { \(type)(_object: object) }", "set { object = newValue._object }"])
    }

    private func accessor(_ name: String, _ type: String, _ place: String) -> [String] {
        block("\(access)var \(escaped(name)): \(type)", ["get { \(place) }", "set { \(place) = newValue }"])
    }

    // MARK: The object's bytes

    private func elf() -> [String] {
        // As text because a literal of thousands of numbers takes the compiler minutes.
        let digits = object.map { hexadecimal($0) }.joined()
        return ["/// The object as an ELF file."]
            + block(
                "\(access)static var elf: [UInt8]",
                [
                    "var bytes: [UInt8] = []",
                    "bytes.reserveCapacity(\(object.count))",
                    "let digits = UnsafeBufferPointer(start: hexadecimal.utf8Start, count: hexadecimal.utf8CodeUnitCount)",
                    "func value(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit &- 0x30 : digit &- 0x37 }",
                    "for index in stride(from: 0, to: digits.count, by: 2) {",
                    "    bytes.append(value(digits[index]) << 4 | value(digits[index + 1]))",
                    "}",
                    "return bytes",
                ]) + ["private static let hexadecimal: StaticString = \"\(digits)\""]
    }

    // MARK: Text

    private func block(_ head: String, _ body: [String]) -> [String] {
        ["\(head) {"] + body.map { $0.isEmpty ? "" : "    \($0)" } + ["}"]
    }

    /// Types that are declared in the skeleton's own.
    private static let reserved: Set = ["Maps", "Programs", "StructOps", "Spec", "Constants"]

    private static let keywords: Set = [
        "init", "deinit", "self", "Self", "func", "let", "var", "struct", "class", "enum", "protocol", "extension",
        "import",
        "in", "is", "as", "if", "else", "for", "while", "repeat", "switch", "case", "default", "break", "continue",
        "return",
        "guard", "where", "throw", "throws", "try", "catch", "do", "defer", "operator", "static", "public", "internal",
        "private", "fileprivate", "subscript", "typealias", "associatedtype", "inout", "super", "nil", "true", "false",
        "any",
        "rethrows", "fallthrough",
    ]

    private func escaped(_ name: String) -> String { Skeleton.keywords.contains(name) ? "`\(name)`" : name }
}
