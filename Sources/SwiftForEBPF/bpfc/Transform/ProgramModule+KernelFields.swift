// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ProgramModule {
    /// The marker function that BPFKernel calls for a kernel field: `bpfc_field(TYPE, MEMBER, info, shape, bytes)`.
    private static let marker = "bpfc_field"

    /// Turns each access to a field of a kernel structure into a CO-RE relocation: the loader replaces it by what the
    /// running kernel's BTF says about the field, its offset or whether it exists.
    ///
    /// LLVM's bpf backend writes the relocation for a load from a global that has the attribute `btf_ama`. The global's
    /// name encodes the access, and its metadata describes a local structure with just the members that the program
    /// uses.
    mutating func makeFieldRelocations() throws(BPFCError) {
        var structures: [String: [LocalStructure]] = [:]
        var requests: [(function: Int, line: Int, request: FieldRequest)] = []
        for (index, function) in module.functions.enumerated() where function.text.contains("@\(ProgramModule.marker)(")
        {
            let lines = function.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (position, line) in lines.enumerated() where line.contains("@\(ProgramModule.marker)(") {
                guard let request = fieldRequest(line) else {
                    throw .program(
                        ProgramError(
                            function: debug.name(ofSubprogram: function.subprogram) ?? function.symbol,
                            location: debug.location(number(after: "!dbg !", in: String(line))),
                            problem: "names a kernel field with a string that isn't a literal"))
                }
                let known = structures[request.type] ?? []
                if !known.contains(where: { $0.add(request) }) {
                    let structure = LocalStructure(type: request.type, flavor: known.count)
                    _ = structure.add(request)
                    structures[request.type] = known + [structure]
                }
                requests.append((index, position, request))
            }
        }
        guard !requests.isEmpty else { return }
        let attributes = newAttributeGroup
        module.attributeGroups.append("attributes #\(attributes) = { \"btf_ama\" }")
        let roots = structures.mapValues { $0.map { $0.debugType(in: &types) } }
        var globals: Set<String> = []
        var id = 0
        for (function, position, request) in requests.sorted(by: { ($0.function, $0.line) > ($1.function, $1.line) }) {
            guard let known = structures[request.type], let flavor = known.firstIndex(where: { $0.has(request) }),
                let root = roots[request.type]?[flavor]
            else { continue }
            let symbol = known[flavor].symbol(of: request)
            if globals.insert(symbol).inserted {
                module.globals.append(
                    .init(
                        symbol: symbol,
                        body: "external global \(request.isOffset ? "i64" : "i32"), !llvm.preserve.access.index "
                            + "!\(root) #\(attributes)"))
            }
            var lines = module.functions[function].text.split(separator: "\n", omittingEmptySubsequences: false)
                .map(String.init)
            id += 1
            lines.replaceSubrange(position...position, with: request.loads(from: symbol, id: id))
            module.functions[function].text = lines.joined(separator: "\n")
        }
        module.declarations.removeAll { $0.symbol == ProgramModule.marker }
        for type in ["i32", "i64"] {
            let name = "llvm.bpf.passthrough.\(type).\(type)"
            module.declarations.append((name, "declare \(type) @\(name)(i32, \(type))"))
        }
    }

    var newAttributeGroup: Int {
        (module.attributeGroups.compactMap { number(after: "attributes #", in: $0) }.max() ?? 0) + 1
    }

    private func fieldRequest(_ line: Substring) -> FieldRequest? {
        guard let open = line.range(of: "@\(ProgramModule.marker)("),
            let close = line[open.upperBound...].lastIndex(of: ")"), let equals = line.range(of: " = ")
        else { return nil }
        let arguments = line[open.upperBound..<close].split(separator: ",")
        guard arguments.count == 5 else { return nil }
        func text(_ argument: Substring) -> String? {
            IRModule.symbols(in: argument).first.flatMap(string(at:)).map { String(decoding: $0, as: UTF8.self) }
        }
        func word(_ argument: Substring) -> Int? { argument.split(separator: " ").last.flatMap { Int($0) } }
        guard let type = text(arguments[0]), let path = text(arguments[1]), let info = word(arguments[2]),
            let shape = word(arguments[3]).flatMap(FieldRequest.Shape.init), let bytes = word(arguments[4])
        else { return nil }
        return FieldRequest(
            type: type, path: path.split(separator: ".").map(String.init), info: info, shape: shape, bytes: bytes,
            result: line[..<equals.lowerBound].drop { $0 == " " }.description,
            location: line.range(of: ", !dbg ").map { String(line[$0.lowerBound...]) } ?? "")
    }
}

/// One access to a kernel field.
struct FieldRequest {
    /// The kind of type that the program expects the field to have (`BPFC_SHAPE_…` in cbpf.h).
    enum Shape: Int { case integer, pointer, structure, enumeration, array }

    var type: String
    /// The names in order: `inet_conn.icsk_inet` is a member of an embedded structure.
    var path: [String]
    /// `enum bpf_core_relo_kind`: 0 byte offset, 2 exists.
    var info: Int
    var shape: Shape
    var bytes: Int
    /// The LLVM value that the call defined.
    var result: String
    var location: String

    var isOffset: Bool { info == 0 }

    /// The load from the global, and an opaque intrinsic that keeps LLVM's passes from merging loads: the backend
    /// recognises a relocation only if the load is from exactly one global.
    ///
    /// - Parameter id: a number that is unique in the module.
    func loads(from symbol: String, id: Int) -> [String] {
        let type = isOffset ? "i64" : "i32"
        let passed = isOffset ? result : "%field.\(id).passed"
        let lines = [
            "  %field.\(id) = load \(type), ptr @\"\(symbol)\", align \(isOffset ? 8 : 4)\(location)",
            "  \(passed) = call \(type) @llvm.bpf.passthrough.\(type).\(type)(i32 \(id), \(type) %field.\(id))\(location)",
        ]
        return isOffset ? lines : lines + ["  \(result) = zext i32 \(passed) to i64\(location)"]
    }
}

/// The part of a kernel structure that the program uses. The loader finds members by name, so their order here is free.
///
/// If the program accesses a field as two different types, there are two of these. Their names differ after `___`,
/// which the loader ignores.
private final class LocalStructure {
    let name: String
    private(set) var members: [Member] = []

    struct Member {
        var name: String
        var shape: FieldRequest.Shape
        var bytes: Int
        var inner: LocalStructure?
    }

    init(type: String, flavor: Int) { name = flavor == 0 ? type : "\(type)___\(flavor)" }

    func has(_ request: FieldRequest) -> Bool {
        var structure: LocalStructure? = self
        for (depth, name) in request.path.enumerated() {
            guard let member = structure?.members.first(where: { $0.name == name }) else { return false }
            if depth == request.path.count - 1 {
                return member.inner == nil && member.shape == request.shape && member.bytes == request.bytes
            }
            structure = member.inner
        }
        return false
    }

    /// - Returns: `false` if there is a member of this name with another type.
    func add(_ request: FieldRequest) -> Bool { has(request) || add(request.path[...], request) }

    private func add(_ path: ArraySlice<String>, _ request: FieldRequest) -> Bool {
        guard let first = path.first else { return false }
        let position = members.firstIndex { $0.name == first }
        if path.count == 1 {
            guard position == nil else { return false }
            members.append(Member(name: first, shape: request.shape, bytes: request.bytes))
            return true
        }
        if let position {
            return members[position].inner?.add(path.dropFirst(), request) ?? false
        }
        let inner = LocalStructure(type: "\(name)_\(first)", flavor: 0)
        members.append(Member(name: first, shape: .structure, bytes: 0, inner: inner))
        return inner.add(path.dropFirst(), request)
    }

    private func bits(_ index: Int) -> Int {
        if let inner = members[index].inner { return inner.bits }
        // A structure of which the program takes only the address counts as one byte.
        return members[index].shape == .structure ? 8 : members[index].bytes * 8
    }
    private var bits: Int { members.indices.reduce(0) { $0 + bits($1) } }
    private func offset(_ index: Int) -> Int { members.indices.prefix(index).reduce(0) { $0 + bits($1) } }

    func debugType(in types: inout DebugTypes) -> Int {
        var list: [DebugTypes.Member] = []
        for (index, member) in members.enumerated() {
            let type = member.inner?.debugType(in: &types) ?? debugType(of: member, in: &types)
            list.append(.init(name: member.name, type: type, bits: bits(index)))
        }
        return types.structure(name: name, members: list, bits: bits)
    }

    private func debugType(of member: Member, in types: inout DebugTypes) -> Int {
        switch member.shape {
        // Always signed. For an unsigned field whose width differs, the loader silently uses the kernel's width, so the
        // program would read or write another number of bits than it says. For a signed one, it reports an error.
        case .integer: return types.integer(bits: member.bytes * 8, isSigned: true)
        case .pointer: return types.pointer(to: nil)
        case .enumeration:
            return types.enumeration(name: nil, bits: member.bytes * 8, cases: ["\(name)_\(member.name)"])
        case .array:
            let element = types.integer(bits: 8, isSigned: true)
            return types.array(of: element, elementBits: 8, count: UInt64(member.bytes))
        case .structure:
            let byte = types.integer(bits: 8)
            return types.structure(
                name: "\(name)_\(member.name)", members: [.init(name: "byte", type: byte, bits: 8)], bits: 8)
        }
    }

    /// `llvm.TYPE:KIND:VALUE$0:INDEX:…`, where VALUE is the result of the access in this local structure.
    func symbol(of request: FieldRequest) -> String {
        var structure: LocalStructure? = self
        var offset = 0
        var path = "0"
        for name in request.path {
            guard let current = structure, let index = current.members.firstIndex(where: { $0.name == name })
            else { break }
            offset += current.offset(index) / 8
            path += ":\(index)"
            structure = current.members[index].inner
        }
        return "llvm.\(name):\(request.info):\(request.isOffset ? offset : 1)$\(path)"
    }
}
