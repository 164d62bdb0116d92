// SPDX-License-Identifier: Apache-2.0

/// An eBPF object as its file describes it. It is the same on each machine and doesn't depend on the kernel.
///
/// It may be changed before `load()`, and loaded any number of times. `bpfc` generates a type around it with a property
/// for each map, program and constant.
public struct ObjectSpec: Sendable {
    /// The name in errors. libbpf also uses it in the names of the maps that it creates for constants and variables.
    public let name: String
    /// Its maps, without those that libbpf creates for constants and variables.
    public var maps: [MapSpec]
    /// Its programs.
    public var programs: [ProgramSpec]
    /// Its struct_ops variables.
    public var structOps: [StructOpsSpec]
    /// Its constants (`.rodata`).
    public let constants: [ConstantSpec]
    /// Its license, for example `GPL`.
    public let license: String
    /// The bytes of the ELF file, including changed constants.
    package private(set) var elf: [UInt8]

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - elf: the bytes of its file.
    ///   - name: the name in errors.
    /// - Throws: `invalid` if the bytes aren't an eBPF object, or if it lacks a license or type information; `mismatch`
    ///   if it is for the other byte order.
    public init(elf: [UInt8], name: String) throws(BPFError) {
        let contents = try ObjectReader(elf, "reading the object '\(name)'")
        self.elf = elf
        self.name = name
        maps = try contents.maps()
        programs = contents.programs()
        structOps = contents.structOps()
        constants = contents.constants()
        license = try contents.license(hasPrograms: !programs.isEmpty)
    }

    /// Reads an object file.
    ///
    /// - Throws: `notFound` if the file doesn't exist; `permission`; `invalid` if it isn't an eBPF object, or lacks a
    ///   license or type information; `mismatch` if it is for the other byte order.
    public init(path: String) throws(BPFError) {
        guard let elf = FileText.bytes(path) else {
            throw BPFError(
                "reading the object \(path)", call: "open", errno: FileText.lastError, remedy: "build it first")
        }
        let file = path.split(separator: "/").last ?? "object"
        try self.init(elf: elf, name: String(file.prefix { $0 != "." }))
    }

    /// Loads it into the kernel: creates the maps, and loads the programs, which the verifier checks.
    ///
    /// - Throws: `verifier`, with the log; `permission`; `unsupported` if the kernel lacks a feature; `notFound`.
    public func load() throws(BPFError) -> Object { try Object(self) }

    /// The bytes of the file with the changed constants and struct_ops names.
    package func encoded() throws(BPFError) -> [UInt8] {
        var elf = elf
        for variable in structOps { try variable.apply(to: &elf) }
        return elf
    }
}

// MARK: By name

extension ObjectSpec {
    /// The map with a name, which must exist. Generated code uses it.
    public subscript(map name: String) -> MapSpec {
        get { maps[index(of: name, "map", maps.map(\.name))] }
        set { maps[index(of: name, "map", maps.map(\.name))] = newValue }
    }

    /// The program with a name, which must exist. Generated code uses it.
    public subscript(program name: String) -> ProgramSpec {
        get { programs[index(of: name, "program", programs.map(\.name))] }
        set { programs[index(of: name, "program", programs.map(\.name))] = newValue }
    }

    /// The struct_ops variable with a name, which must exist. Generated code uses it.
    public subscript(structOps name: String) -> StructOpsSpec {
        get { structOps[index(of: name, "struct_ops variable", structOps.map(\.variable))] }
        set { structOps[index(of: name, "struct_ops variable", structOps.map(\.variable))] = newValue }
    }

    /// The value of the constant with a name, which must exist and have the size of this type. Generated code uses it.
    /// Other code uses `value(ofConstant:)` and `setConstant`, which throw.
    public subscript<Value: BitwiseCopyable>(constant name: String, as type: Value.Type) -> Value {
        get {
            do throws(BPFError) { return try value(ofConstant: name) } catch { preconditionFailure("\(error)") }
        }
        set {
            do throws(BPFError) { try setConstant(name, to: newValue) } catch { preconditionFailure("\(error)") }
        }
    }

    private func index(of name: String, _ kind: String, _ names: [String]) -> Int {
        guard let index = names.firstIndex(of: name) else {
            preconditionFailure("the object '\(self.name)' has no \(kind) '\(name)'")
        }
        return index
    }
}

// MARK: Constants

/// A constant of an object: a variable in the section `.rodata`, which programs can only read.
public struct ConstantSpec: Sendable, Equatable {
    /// Its name in the source.
    public let name: String
    /// Its size, in bytes.
    public var size: Int { place.count }
    /// The range of its bytes in the file.
    let place: Range<Int>
}

extension ObjectSpec {
    /// The value that a constant will have when the object is loaded.
    ///
    /// - Throws: `notFound` if there is none of this name, `mismatch` if its size isn't that of `Value`.
    public func value<Value: BitwiseCopyable>(
        ofConstant name: String, as type: Value.Type = Value.self
    ) throws(BPFError) -> Value {
        let place = try place(ofConstant: name, MemoryLayout<Value>.size)
        return elf.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place.lowerBound, as: Value.self) }
    }

    /// Sets the value that a constant will have when the object is loaded. The verifier knows the value, and removes
    /// code that can't run.
    ///
    /// - Throws: `notFound` if there is none of this name, `mismatch` if its size isn't that of `Value`.
    public mutating func setConstant<Value: BitwiseCopyable>(_ name: String, to value: Value) throws(BPFError) {
        let place = try place(ofConstant: name, MemoryLayout<Value>.size)
        withUnsafeBytes(of: value) { bytes in
            for (index, byte) in bytes.enumerated() { elf[place.lowerBound + index] = byte }
        }
    }

    private func place(ofConstant name: String, _ size: Int) throws(BPFError) -> Range<Int> {
        let action = "using the constant '\(name)' of '\(self.name)'"
        guard let constant = constants.first(where: { $0.name == name }) else {
            throw BPFError(.notFound, action, reason: "there is no constant of this name")
        }
        guard constant.size == size else {
            throw BPFError(
                .mismatch, action, reason: "it has \(constant.size) bytes, but the given Swift type has \(size)")
        }
        return constant.place
    }
}
