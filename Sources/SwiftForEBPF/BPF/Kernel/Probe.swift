// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc

/// Finds out what the kernel supports by trying it with a tiny object, which is freed immediately.
package enum Probe {
    /// Turns the result of a call into an answer.
    ///
    /// - Parameters:
    ///   - errno: the errno of the call; 0 if it succeeded.
    ///   - no: the errnos of a kernel that doesn't support the feature.
    private static func answer(_ errno: Int32, no: [Int32]) -> Answer {
        if errno == 0 { return .yes }
        if no.contains(errno) { return .no }
        return .unknown(String(cString: strerror(errno)))
    }

    /// Closes the descriptor that a call returned.
    ///
    /// - Returns: 0, or the errno if the call failed.
    private static func closing(_ descriptor: Int32) -> Int32 {
        guard descriptor < 0 else {
            _ = Descriptor(owning: descriptor)
            return 0
        }
        return descriptor == -1 ? errno : -descriptor
    }

    /// Loads the program `r0 = VALUE; exit`.
    private static func load(
        _ type: ProgramType, returning value: Int32 = 1, options: bpf_prog_load_opts? = nil
    ) -> Int32 {
        var instructions = [bpf_insn(), bpf_insn()]
        instructions[0].code = 0xb7
        instructions[0].imm = value
        instructions[1].code = 0x95
        var options = options ?? bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        return bpf_prog_load(bpf_prog_type(type.rawValue), "probe", "GPL", instructions, 2, &options)
    }

    static func program(_ type: ProgramType) -> Answer { answer(closing(load(type)), no: [EINVAL]) }

    /// Loads a program for a test function of the kernel, which nothing calls, and attaches it.
    static func tracing() -> Answer {
        let kernel: BTF
        do throws(BPFError) { kernel = try BTF.kernel() } catch { return without(error) }
        guard let number = kernel.number(of: "bpf_fentry_test1", .function) else {
            return .unknown("the kernel has no function bpf_fentry_test1")
        }
        var options = bpf_prog_load_opts()
        options.expected_attach_type = BPF_TRACE_FENTRY
        options.attach_btf_id = number
        let loaded = load(.tracing, returning: 0, options: options)
        guard loaded >= 0 else { return answer(closing(loaded), no: [EINVAL]) }
        let program = Descriptor(owning: loaded)
        return answer(
            closing(bpf_raw_tracepoint_open(nil, program.rawValue)), no: [EINVAL, EOPNOTSUPP, BPFError.notSupported])
    }

    private typealias Instruction = (code: UInt8, to: UInt8, from: UInt8, offset: Int16, immediate: Int32)

    private static func encoded(_ code: [Instruction]) -> [bpf_insn] {
        code.map { line in
            var instruction = bpf_insn()
            instruction.code = line.code
            instruction.dst_reg = line.to
            instruction.src_reg = line.from
            instruction.off = line.offset
            instruction.imm = line.immediate
            return instruction
        }
    }

    /// Loads a congestion control's `init` that sets a socket option. It isn't registered.
    static func congestionControlOptions() -> Answer {
        congestionControl { _ in
            [
                (0x7a, 10, 0, -8, 0),  // *(u64 *)(r10 - 8) = 0
                (0x79, 1, 1, 0, 0),  // r1 = *(u64 *)(r1 + 0), the socket
                (0xb7, 2, 0, 0, 6),  // r2 = IPPROTO_TCP
                (0xb7, 3, 0, 0, 13),  // r3 = TCP_CONGESTION
                (0xbf, 4, 10, 0, 0), (0x07, 4, 0, 0, -8), (0xb7, 5, 0, 0, 8),  // r4 = r10 - 8, r5 = 8
                (0x85, 0, 0, 0, 49),  // bpf_setsockopt(r1, r2, r3, r4, r5)
            ]
        }
    }

    /// Loads a congestion control's `init` that calls a function of the kernel. It isn't registered.
    static func congestionControlFunctions() -> Answer {
        congestionControl { kernel in
            guard let function = kernel.number(of: "tcp_reno_ssthresh", .function) else { return nil }
            return [
                (0x79, 1, 1, 0, 0),  // r1 = *(u64 *)(r1 + 0), the socket
                (0x85, 0, 2, 0, Int32(bitPattern: function)),  // tcp_reno_ssthresh(r1)
            ]
        }
    }

    /// Loads a congestion control's `init` that writes a field of the kernel's. It isn't registered.
    static func congestionControlField(_ field: String, of structure: String) -> Answer {
        congestionControl { kernel in
            guard let offset = kernel.offset(of: field, in: structure), let offset = Int16(exactly: offset) else {
                return nil
            }
            return [
                (0x79, 1, 1, 0, 0),  // r1 = *(u64 *)(r1 + 0), the socket
                (0xb7, 2, 0, 0, 0),  // r2 = 0
                (0x7b, 1, 2, offset, 0),  // *(u64 *)(r1 + offset) = r2
            ]
        }
    }

    /// - Parameter body: the instructions before `return 0`; `nil`: this kernel has no such field or function.
    private static func congestionControl(_ body: (BTF) -> [Instruction]?) -> Answer {
        let kernel: BTF
        do throws(BPFError) { kernel = try BTF.kernel() } catch { return without(error) }
        guard let number = kernel.number(of: "tcp_congestion_ops", .structure),
            let member = kernel.members(of: number).firstIndex(where: { $0.name == "init" }), let body = body(kernel)
        else { return .no }
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        options.expected_attach_type = bpf_attach_type(UInt32(member))
        options.attach_btf_id = number
        let instructions = encoded(body + [(0xb7, 0, 0, 0, 0), (0x95, 0, 0, 0, 0)])
        let loaded = bpf_prog_load(
            BPF_PROG_TYPE_STRUCT_OPS, "probe", "GPL", instructions, instructions.count, &options)
        // The verifier refuses what it doesn't know with EINVAL or EACCES; a right that is missing is EPERM.
        return answer(closing(loaded), no: [EINVAL, EACCES, EOPNOTSUPP, BPFError.notSupported])
    }

    /// Loads an iterator over TCP sockets that sets an option. It isn't attached, so it visits no socket.
    static func tcpIterators() -> Answer {
        let kernel: BTF
        do throws(BPFError) { kernel = try BTF.kernel() } catch { return without(error) }
        guard let number = kernel.number(of: "bpf_iter_tcp", .function) else { return .no }
        var options = bpf_prog_load_opts()
        options.sz = MemoryLayout<bpf_prog_load_opts>.size
        options.expected_attach_type = BPF_TRACE_ITER
        options.attach_btf_id = number
        let code: [Instruction] = [
            (0x79, 1, 1, 8, 0),  // r1 = *(u64 *)(r1 + 8), the field sk_common
            (0x15, 1, 0, 10, 0),  // if r1 == 0, to the end
            (0x85, 0, 0, 0, 137),  // r0 = bpf_skc_to_tcp_sock(r1)
            (0x15, 0, 0, 8, 0),  // if r0 == 0, to the end
            (0x7a, 10, 0, -8, 0),  // *(u64 *)(r10 - 8) = 0
            (0xbf, 1, 0, 0, 0),  // r1 = r0
            (0xb7, 2, 0, 0, 6),  // r2 = IPPROTO_TCP
            (0xb7, 3, 0, 0, 13),  // r3 = TCP_CONGESTION
            (0xbf, 4, 10, 0, 0), (0x07, 4, 0, 0, -8), (0xb7, 5, 0, 0, 8),  // r4 = r10 - 8, r5 = 8
            (0x85, 0, 0, 0, 49),  // bpf_setsockopt(r1, r2, r3, r4, r5)
            (0xb7, 0, 0, 0, 0), (0x95, 0, 0, 0, 0),  // return 0
        ]
        let instructions = encoded(code)
        let loaded = bpf_prog_load(
            BPF_PROG_TYPE_TRACING, "probe", "GPL", instructions, instructions.count, &options)
        return answer(closing(loaded), no: [EINVAL])
    }

    package static func mapType(_ type: MapType) -> Answer {
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.size
        var (keySize, valueSize, maxEntries): (UInt32, UInt32, UInt32) = (4, 4, 1)
        switch type {
        case .lpmTrie:
            keySize = 8
            options.map_flags = MapFlags.noPreallocation.rawValue
        case .queue, .stack: keySize = 0
        case .ringBuffer: (keySize, valueSize, maxEntries) = (0, 0, UInt32(sysconf(Int32(_SC_PAGESIZE))))
        case .socketStorage: return socketStorage()
        case .structOps: return structOps(isLinked: false)
        default: break
        }
        let map = bpf_map_create(bpf_map_type(type.rawValue), "probe", keySize, valueSize, maxEntries, &options)
        return answer(closing(map), no: [EINVAL])
    }

    /// Creates a socket storage. The kernel requires the types of its key and value.
    private static func socketStorage() -> Answer {
        let loaded = loadIntegerBTF()
        guard loaded >= 0 else { return answer(closing(loaded), no: [EINVAL]) }
        let btf = Descriptor(owning: loaded)
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.size
        options.map_flags = MapFlags.noPreallocation.rawValue
        options.btf_fd = UInt32(btf.rawValue)
        options.btf_key_type_id = 1
        options.btf_value_type_id = 1
        return answer(closing(bpf_map_create(BPF_MAP_TYPE_SK_STORAGE, "probe", 4, 4, 0, &options)), no: [EINVAL])
    }

    /// Creates a map for a congestion control, without registering it.
    static func structOps(isLinked: Bool) -> Answer {
        let kernel: BTF
        do throws(BPFError) { kernel = try BTF.kernel() } catch { return without(error) }
        guard let number = kernel.number(of: "bpf_struct_ops_tcp_congestion_ops", .structure),
            let size = kernel.size(of: number)
        else { return .no }
        let loaded = loadIntegerBTF()
        guard loaded >= 0 else { return answer(closing(loaded), no: [EINVAL]) }
        let btf = Descriptor(owning: loaded)
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.size
        options.btf_fd = UInt32(btf.rawValue)
        options.btf_vmlinux_value_type_id = number
        if isLinked { options.map_flags = MapFlags.link.rawValue }
        let map = bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, "probe", 4, UInt32(size), 1, &options)
        return answer(closing(map), no: [EINVAL, EOPNOTSUPP, BPFError.notSupported])
    }

    /// The answer if the kernel's BTF can't be read.
    private static func without(_ error: BPFError) -> Answer {
        error.code == .unsupported ? .no : .unknown(error.description)
    }

    /// Type information with one type, `int`.
    private static func loadIntegerBTF() -> Int32 {
        let words: [UInt32] = [
            0x0001_eb9f, 24, 0, 16, 16, 5,  // header: types at offset 0, 16 bytes; strings at 16, 5 bytes
            1, 1 << 24, 4, 1 << 24 | 32,  // int, 4 bytes, signed, 32 bits
            0x746e_6900, 0,  // "\0int\0"
        ]
        return words.withUnsafeBytes { bpf_btf_load($0.baseAddress, 24 + 16 + 5, nil) }
    }

    /// Asks for a link with an invalid cgroup descriptor. A kernel with links complains about the descriptor, one
    /// without links about the command.
    static func cgroupLinks() -> Answer {
        let loaded = load(.sockOps)
        guard loaded >= 0 else { return answer(closing(loaded), no: [EINVAL]) }
        let program = Descriptor(owning: loaded)
        let error = closing(bpf_link_create(program.rawValue, -1, BPF_CGROUP_SOCK_OPS, nil))
        return error == EBADF ? .yes : answer(error, no: [EINVAL])
    }

    static func batchOperations() -> Answer {
        let made = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, nil)
        guard made >= 0 else { return answer(closing(made), no: []) }
        let map = Descriptor(owning: made)
        var (position, key, value): (UInt32, UInt32, UInt32) = (0, 0, 0)
        var count: UInt32 = 1
        let result = bpf_map_lookup_batch(map.rawValue, nil, &position, &key, &value, &count, nil)
        return result == 0 || errno == ENOENT ? .yes : answer(errno, no: [EINVAL, EOPNOTSUPP, BPFError.notSupported])
    }

    /// Looks for a structure in the kernel's own types, for a feature that can't be tried without attaching something.
    static func kernelStructure(_ name: String) -> Answer {
        do throws(BPFError) { return try BTF.kernel().hasStructure(name) ? .yes : .no } catch {
            return .unknown(error.description)
        }
    }

    static func btf() -> Answer {
        do throws(BPFError) {
            _ = try BTF.kernel()
            return .yes
        } catch { return without(error) }
    }
}
