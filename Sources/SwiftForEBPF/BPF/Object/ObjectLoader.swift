// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Loads an object through libbpf, which creates the maps and loads the programs.
package struct ObjectLoader {
    private let spec: ObjectSpec
    private let elf: [UInt8]
    /// Whether struct_ops registrations use links if the spec doesn't say.
    private let hasStructOpsLinks: Bool

    /// The largest buffer for the verifier's log of one program, in bytes. The kernel's own limit is 1 GiB.
    private static let largestLogSize = 256 << 20

    package init(_ spec: ObjectSpec) throws(BPFError) {
        self.spec = spec
        elf = try spec.encoded()
        hasStructOpsLinks = spec.structOps.isEmpty ? false : Feature.structOpsLinks.probe() == .yes
    }

    private var action: String { "loading the object '\(spec.name)'" }

    /// Loads the object. If the verifier's log doesn't fit its buffer, it tries again with a larger one: kernels before
    /// 6.4 keep only the beginning of a log, and the reason is at its end.
    ///
    /// - Parameter firstLogSize: the size of the first buffer, in bytes.
    package func load(firstLogSize: Int = 64 * 1024) throws(BPFError) -> LoadedObject {
        var size = firstLogSize
        while true {
            let object = LoadedObject(try open())
            try configure(object.pointer)
            let logs = try VerifierLogs(of: object.pointer, size: size)
            let (result, messages) = Libbpf.listen { bpf_object__load(object.pointer) }
            if result == 0 { return object }
            if result == -ENOSPC, logs.isFull, size < Self.largestLogSize {
                size *= 4
                continue
            }
            throw failure(result, logs, messages)
        }
    }

    private func open() throws(BPFError) -> OpaquePointer {
        var options = bpf_object_open_opts()
        options.sz = MemoryLayout<bpf_object_open_opts>.size
        let (opened, messages) = Libbpf.listen {
            spec.name.withCString { name -> OpaquePointer? in
                options.object_name = name
                return elf.withUnsafeBytes { bpf_object__open_mem($0.baseAddress, $0.count, &options) }
            }
        }
        guard let opened else {
            throw BPFError(
                "opening the object '\(spec.name)'", call: "bpf_object__open_mem", errno: errno, log: messages)
        }
        return opened
    }

    // MARK: Applying the spec

    private func configure(_ object: OpaquePointer) throws(BPFError) {
        for map in spec.maps { try configure(map, in: object) }
        for program in spec.programs {
            guard let pointer = bpf_object__find_program_by_name(object, program.name) else { continue }
            let result = bpf_program__set_autoload(pointer, program.isLoaded)
            try check(result, "bpf_program__set_autoload", "setting up the program '\(program.name)'")
        }
        for variable in spec.structOps {
            guard let pointer = bpf_object__find_map_by_name(object, variable.variable) else { continue }
            guard variable.isCreated else {
                let action = "leaving out the struct_ops '\(variable.variable)'"
                try check(bpf_map__set_autocreate(pointer, false), "bpf_map__set_autocreate", action)
                continue
            }
            guard variable.isLinked ?? hasStructOpsLinks else { continue }
            let flags = bpf_map__map_flags(pointer) | MapFlags.link.rawValue
            let result = bpf_map__set_map_flags(pointer, flags)
            try check(result, "bpf_map__set_map_flags", "setting up the struct_ops '\(variable.variable)'")
        }
    }

    private func configure(_ map: MapSpec, in object: OpaquePointer) throws(BPFError) {
        let action = "setting up the map '\(map.name)' of '\(spec.name)'"
        guard let pointer = bpf_object__find_map_by_name(object, map.name) else {
            throw BPFError(.notFound, action, reason: "libbpf doesn't find it")
        }
        guard map.isCreated else {
            try check(bpf_map__set_autocreate(pointer, false), "bpf_map__set_autocreate", action)
            return
        }
        if let existing = map.existing {
            try check(bpf_map__reuse_fd(pointer, existing.descriptor.rawValue), "bpf_map__reuse_fd", action)
            return
        }
        if bpf_map__type(pointer).rawValue != map.type.rawValue {
            try check(bpf_map__set_type(pointer, bpf_map_type(map.type.rawValue)), "bpf_map__set_type", action)
        }
        try check(bpf_map__set_max_entries(pointer, map.maxEntries), "bpf_map__set_max_entries", action)
        var flags = map.flags
        if let node = map.numaNode {
            flags.insert(.numaNode)
            try check(bpf_map__set_numa_node(pointer, node), "bpf_map__set_numa_node", action)
        }
        try check(bpf_map__set_map_flags(pointer, flags.rawValue), "bpf_map__set_map_flags", action)
    }

    // MARK: Errors

    private func failure(_ result: Int32, _ logs: borrowing VerifierLogs, _ messages: String) -> BPFError {
        if let refusal = logs.refusal {
            var error = BPFError(
                .verifier, "loading the program '\(refusal.program)' of '\(spec.name)'", call: "BPF_PROG_LOAD",
                errno: -result, reason: refusal.description, remedy: refusal.suggestion, log: refusal.log)
            error.verifier = refusal
            return error
        }
        if -result == EINVAL || -result == EOPNOTSUPP, let map = spec.maps.first(where: isLacking) {
            return BPFError(
                .unsupported, "creating the map '\(map.name)' of '\(spec.name)'", call: "BPF_MAP_CREATE",
                errno: -result,
                reason: "this kernel has no map type '\(map.type)'",
                remedy: map.type.minimumKernel.map { "use Linux \($0) or newer" } ?? "use a newer kernel", log: messages
            )
        }
        var error = BPFError(action, call: "bpf_object__load", errno: result, log: messages)
        error.reason = Self.lastMessage(messages)
        return error
    }

    private func isLacking(_ map: MapSpec) -> Bool {
        map.isCreated && map.existing == nil && Feature.mapType(map.type).probe() == .no
    }

    /// The first message of libbpf, without the prefix. Later messages only say that something failed because of it.
    private static func lastMessage(_ messages: String) -> String? {
        guard let line = messages.split(separator: "\n").first else { return nil }
        return String(line.hasPrefix("libbpf: ") ? line.dropFirst(8) : line)
    }
}

/// The buffers for the verifier's logs of an object's programs.
private struct VerifierLogs: ~Copyable {
    private var logs: [(program: String, buffer: UnsafeMutablePointer<CChar>)] = []
    private let size: Int

    init(of object: OpaquePointer, size: Int) throws(BPFError) {
        self.size = size
        var next = bpf_object__next_program(object, nil)
        while let program = next {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            buffer[0] = 0
            logs.append((String(cString: bpf_program__name(program)), buffer))
            bpf_program__set_log_buf(program, buffer, size)
            next = bpf_object__next_program(object, program)
        }
    }

    deinit { for log in logs { log.buffer.deallocate() } }

    /// Whether one of the logs filled its buffer.
    var isFull: Bool { logs.contains { strnlen($0.buffer, size) >= size - 256 } }

    var refusal: VerifierError? {
        for log in logs where log.buffer[0] != 0 {
            let bytes = UnsafeBufferPointer(start: log.buffer, count: strnlen(log.buffer, size))
            let text = String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if let error = VerifierError(program: log.program, log: text) { return error }
        }
        return nil
    }
}
