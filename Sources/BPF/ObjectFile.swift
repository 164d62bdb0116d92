// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// An eBPF object: opened from its ELF file, set up, then loaded into the kernel (libbpf's `struct bpf_object`).
public struct ObjectFile: ~Copyable {
    private let object: OpaquePointer
    private let name: String
    private var logs: [(program: String, buffer: UnsafeMutablePointer<CChar>)] = []

    /// Room for the verifier's log of one program. The kernel keeps the end of a longer one.
    private static let logSize = 1 << 20

    /// Reads an object; the kernel isn't asked yet.
    ///
    /// - Throws: `invalid` if these bytes are no eBPF object.
    public init(_ elf: [UInt8], name: String) throws(BPFError) {
        Libbpf.quiet()
        _ = Libbpf.takeLog()
        self.name = name
        var options = bpf_object_open_opts()
        options.sz = MemoryLayout<bpf_object_open_opts>.size
        let opened = name.withCString { cName -> OpaquePointer? in
            options.object_name = cName
            return elf.withUnsafeBytes { bpf_object__open_mem($0.baseAddress, $0.count, &options) }
        }
        guard let opened else { throw BPFError("opening the object '\(name)'", errno: errno, log: Libbpf.takeLog()) }
        object = opened
    }

    deinit {
        bpf_object__close(object)
        for log in logs { log.buffer.deallocate() }
    }

    // MARK: Before loading

    /// Leaves a program out.
    public func skipProgram(_ name: String) throws(BPFError) {
        try check(bpf_program__set_autoload(try program(name), false), "leaving out the program '\(name)'")
    }

    /// Leaves a map out. No program that is loaded may refer to it.
    public func skipMap(_ name: String) throws(BPFError) {
        try check(bpf_map__set_autocreate(try map(name), false), "leaving out the map '\(name)'")
    }

    /// Sets how many entries a map may hold (of a ring buffer: bytes).
    public func setMaxEntries(_ count: UInt32, ofMap name: String) throws(BPFError) {
        try check(bpf_map__set_max_entries(try map(name), count), "setting the capacity of '\(name)' to \(count)")
    }

    /// Sets `BPF_F_…` flags of a map besides those that its definition has.
    public func addFlags(_ flags: UInt32, ofMap name: String) throws(BPFError) {
        let map = try map(name)
        try check(bpf_map__set_map_flags(map, bpf_map__map_flags(map) | flags), "setting the flags of '\(name)'")
    }

    /// Uses a map that exists, rather than a new one.
    public func reuse(_ descriptor: borrowing Descriptor, asMap name: String) throws(BPFError) {
        try check(bpf_map__reuse_fd(try map(name), descriptor.rawValue), "using an existing map as '\(name)'")
    }

    // MARK: Loading

    /// Makes the maps, and loads the programs past the verifier.
    ///
    /// - Throws: `verifier` with its log, `permission`, `unsupported`.
    public mutating func load() throws(BPFError) {
        var next: OpaquePointer? = bpf_object__next_program(object, nil)
        while let program = next {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: Self.logSize)
            buffer[0] = 0
            logs.append((String(cString: bpf_program__name(program)), buffer))
            bpf_program__set_log_buf(program, buffer, Self.logSize)
            next = bpf_object__next_program(object, program)
        }
        let result = bpf_object__load(object)
        guard result < 0 else { return }
        let messages = Libbpf.takeLog()
        for log in logs {
            let text = String(cString: log.buffer)
            guard let summary = VerifierLog.summary(of: text) else { continue }
            throw BPFError(
                .verifier, "loading the program '\(log.program)' of '\(name)'", errno: -result, reason: summary,
                log: text)
        }
        throw BPFError("loading the object '\(name)'", errno: result, log: messages)
    }

    // MARK: After loading

    /// A descriptor of a map of one's own.
    public func mapDescriptor(_ name: String) throws(BPFError) -> Descriptor {
        try Descriptor(duplicating: try check(bpf_map__fd(try map(name)), "looking up the map '\(name)'"))
    }

    /// A descriptor of a program of one's own.
    public func programDescriptor(_ name: String) throws(BPFError) -> Descriptor {
        try Descriptor(duplicating: try check(bpf_program__fd(try program(name)), "looking up the program '\(name)'"))
    }

    func map(_ name: String) throws(BPFError) -> OpaquePointer {
        guard let map = bpf_object__find_map_by_name(object, name) else {
            throw BPFError(.notFound, "looking up the map '\(name)' of '\(self.name)'")
        }
        return map
    }

    private func program(_ name: String) throws(BPFError) -> OpaquePointer {
        guard let program = bpf_object__find_program_by_name(object, name) else {
            throw BPFError(.notFound, "looking up the program '\(name)' of '\(self.name)'")
        }
        return program
    }
}
