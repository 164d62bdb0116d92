// SPDX-License-Identifier: Apache-2.0

/// An eBPF object as its file describes it: the same on each machine, and the kernel isn't asked for anything.
///
/// It may be changed before `load()`, and loaded any number of times. `bpfc` makes a type around it that has a property
/// for each map, program and constant.
public struct ObjectSpec: Sendable {
    /// For errors, and for the kernel to name the object's own maps by.
    public let name: String
    /// Its maps, without those that libbpf makes of constants and variables.
    public var maps: [MapSpec]
    /// Its programs.
    public var programs: [ProgramSpec]
    /// Its struct_ops variables.
    public var structOps: [StructOpsSpec]
    /// Its constants (`.rodata`).
    public let constants: [ConstantSpec]
    /// For instance `GPL`.
    public let license: String
    /// The ELF file. Constants are written into it.
    package private(set) var elf: [UInt8]

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - elf: the bytes of its file.
    ///   - name: for errors.
    /// - Throws: `invalid` if these bytes are no eBPF object, or one without a license or type information; `mismatch`
    ///   if they are one for another byte order.
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
    /// - Throws: `notFound` if there is none, `permission`; `invalid` and `mismatch` as above.
    public init(path: String) throws(BPFError) {
        guard let elf = FileText.bytes(path) else {
            throw BPFError(
                "reading the object \(path)", call: "open", errno: FileText.lastError, remedy: "build it first")
        }
        let file = path.split(separator: "/").last ?? "object"
        try self.init(elf: elf, name: String(file.prefix { $0 != "." }))
    }

    /// Loads it into the kernel: makes the maps, and brings the programs past the verifier.
    ///
    /// - Throws: `verifier` with its log, `permission`, `unsupported` if the kernel lacks something, `notFound`.
    public func load() throws(BPFError) -> Object { try Object(self) }

    /// The file with all changes that go into its bytes.
    package func encoded() throws(BPFError) -> [UInt8] {
        var elf = elf
        for variable in structOps { try variable.apply(to: &elf) }
        return elf
    }
}

// MARK: By name

extension ObjectSpec {
    /// A map by its name, which must exist: for code that was generated along with the object.
    public subscript(map name: String) -> MapSpec {
        get { maps[index(of: name, "map", maps.map(\.name))] }
        set { maps[index(of: name, "map", maps.map(\.name))] = newValue }
    }

    /// A program by its name, which must exist: for code that was generated along with the object.
    public subscript(program name: String) -> ProgramSpec {
        get { programs[index(of: name, "program", programs.map(\.name))] }
        set { programs[index(of: name, "program", programs.map(\.name))] = newValue }
    }

    /// A struct_ops variable by its name, which must exist: for code that was generated along with the object.
    public subscript(structOps name: String) -> StructOpsSpec {
        get { structOps[index(of: name, "struct_ops variable", structOps.map(\.variable))] }
        set { structOps[index(of: name, "struct_ops variable", structOps.map(\.variable))] = newValue }
    }

    /// A constant's value by its name, which must exist and have this type's size: for code that was generated along
    /// with the object. Others use `value(ofConstant:)` and `setConstant`.
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

/// A constant of an object: a variable of the section `.rodata`, which programs can only read.
public struct ConstantSpec: Sendable, Equatable {
    /// Its name in the source.
    public let name: String
    /// Bytes.
    public var size: Int { place.count }
    /// Where it lies in the file.
    let place: Range<Int>
}

extension ObjectSpec {
    /// The value that a constant has when the object is loaded.
    ///
    /// - Throws: `notFound` if there is none of this name, `mismatch` if it has another size than `Value`.
    public func value<Value: BitwiseCopyable>(
        ofConstant name: String, as type: Value.Type = Value.self
    ) throws(BPFError) -> Value {
        let place = try place(ofConstant: name, MemoryLayout<Value>.size)
        return elf.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place.lowerBound, as: Value.self) }
    }

    /// Sets the value that a constant has when the object is loaded; the verifier knows it, and removes code that can't
    /// run.
    ///
    /// - Throws: `notFound` if there is none of this name, `mismatch` if it has another size than `Value`.
    public mutating func setConstant<Value: BitwiseCopyable>(_ name: String, to value: Value) throws(BPFError) {
        let place = try place(ofConstant: name, MemoryLayout<Value>.size)
        withUnsafeBytes(of: value) { bytes in
            for (index, byte) in bytes.enumerated() { elf[place.lowerBound + index] = byte }
        }
    }

    private func place(ofConstant name: String, _ size: Int) throws(BPFError) -> Range<Int> {
        let action = "using the constant '\(name)' of '\(self.name)'"
        guard let constant = constants.first(where: { $0.name == name }) else {
            throw BPFError(.notFound, action, reason: "there is none of this name")
        }
        guard constant.size == size else {
            throw BPFError(
                .mismatch, action, reason: "it has \(constant.size) bytes, the type given has \(size)")
        }
        return constant.place
    }
}
