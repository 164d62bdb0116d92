// SPDX-License-Identifier: Apache-2.0

import BPF
import Foundation
import TestSupport
import Testing

@Suite("the running kernel's fields and functions", .kernel, .kernelTestsNeedRoot) struct KernelAccessTests {
    /// Loads a tracing program with this body.
    private func load(_ body: String) async throws -> Machine.Output {
        let source = """
            var seen = ArrayMap<UInt64>(count: 4)
            @section("tp_btf/tcp_retransmit_skb") func watch(_ socket: KernelPointer<Sock>, _ packet: KernelPointer<SocketBuffer>) {
                guard let value = seen[0] else { return }
                \(body)
            }
            """
        var output: Machine.Output?
        try await StandardObjectTests.with(source) { object, bpffs in
            output = try Machine.run(["bpftool", "prog", "loadall", object, "\(bpffs)/programs"])
        }
        return try #require(output)
    }

    @Test(
        "fields of all widths, pointers, structures inside, and what only some kernels have",
        arguments: [
            "value.pointee = UInt64(socket.common.skc_family as UInt16)",
            "value.pointee = socket.sk_pacing_rate",
            "value.pointee = UInt64(socket.field(\"__sk_common.skc_daddr\", as: UInt32.self))",
            "if let tcp = socket.tcp { value.pointee = UInt64(tcp.snd_cwnd as UInt32) }",
            "let owner: KernelPointer<Sock>? = packet.sk; value.pointee = UInt64(owner?.localPort ?? 0)",
            "value.pointee = socket.optional(\"no_such_field\") ?? 3",
            "value.pointee = socket.optional(\"no_such_field\") ?? socket.optional(\"sk_pacing_rate\") ?? 0",
            "if KernelPointer<TCPSock>.has(\"snd_cwnd\") { value.pointee = 1 }",
            "if socket.state == .established, (socket.common.skc_state as UInt8) == 1 { value.pointee = 1 }",
            "value.pointee = UInt64(socket.optional(\"sk_mark\", as: UInt32.self) ?? 3)",
        ])
    func fields(body: String) async throws {
        let output = try await load(body)
        #expect(output.status == 0, "\(output.standardError)")
    }

    @Test("iterators: arguments are the fields of their context, the object may be nil, and 0 is returned")
    func iterators() async throws {
        try requires(.tcpIterators)
        let source = """
            var seen = ArrayMap<UInt64>(count: 4)
            @section("iter/tcp")
            func tcp(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<SockCommon>?, uid: UInt32) {
                guard let value = seen[0] else { return }
                guard let socket else {
                    value.pointee = walk.position
                    return
                }
                guard let tcp = socket.tcp else { return }
                value.pointee = walk.session &+ UInt64(uid) &+ UInt64(tcp.congestionWindow)
                var name: (UInt64, UInt64) = (0, 0)
                _ = withUnsafeMutablePointer(to: &name) { tcp.congestionControl(into: $0) }
                _ = withUnsafeMutablePointer(to: &name) { tcp.setCongestionControl($0) }
            }
            @section("iter/udp")
            func udp(_ walk: KernelPointer<IteratorMeta>, _ socket: KernelPointer<UDPSock>?, uid: UInt32, bucket: Int32) {
                if socket != nil, let value = seen[1] { value.pointee = UInt64(bitPattern: Int64(bucket)) }
            }
            @section("iter/task") func task(_ walk: KernelPointer<IteratorMeta>) { seen[2]?.pointee = walk.position }
            @section("iter.s/task") func sleeping(_ walk: KernelPointer<IteratorMeta>) {}
            """
        try await StandardObjectTests.with(source) { object, bpffs in
            _ = try Machine.demand("bpftool", "prog", "loadall", object, "\(bpffs)/programs")
        }
    }

    @Test("an iterator over what the kernel doesn't have is an error that names it")
    func noSuchIterator() async throws {
        let source = """
            @section("iter/dragons") func walk(_ walk: KernelPointer<IteratorMeta>) {}
            """
        try await StandardObjectTests.with(source) { object, bpffs in
            let output = try Machine.run(["bpftool", "prog", "loadall", object, "\(bpffs)/programs"])
            #expect(output.status != 0)
            #expect(output.standardError.contains("dragons"))
        }
    }

    @Test("has: integers, pointers, structures, and nothing that isn't there")
    func has() async throws {
        let source = """
            var seen = ArrayMap<UInt64>(count: 1)
            @section("xdp") func check(_ packet: XDP) -> XDP.Action {
                var bits: UInt64 = 0
                if KernelPointer<Sock>.has("sk_mark") { bits |= 1 }
                if KernelPointer<SocketBuffer>.has("dev") { bits |= 2 }
                if KernelPointer<TCPSock>.has("inet_conn") { bits |= 4 }
                if KernelPointer<Sock>.has("no_such_field") { bits |= 8 }
                if let value = seen[0] { value.pointee = bits }
                return .pass
            }
            """
        try await StandardObjectTests.with(source) { object, bpffs in
            _ = try Machine.demand(
                "bpftool", "prog", "loadall", object, "\(bpffs)/programs", "pinmaps", "\(bpffs)/maps")
            let packet = "\(bpffs)-packet"
            try Data(repeating: 0, count: 64).write(to: URL(fileURLWithPath: packet))
            defer { try? FileManager.default.removeItem(atPath: packet) }
            _ = try Machine.demand("bpftool", "prog", "run", "pinned", "\(bpffs)/programs/check", "data_in", packet)
            let dump = try Machine.demand("bpftool", "map", "dump", "pinned", "\(bpffs)/maps/seen")
            #expect(dump.contains("\"value\": 7"), "\(dump)")
        }
    }

    @Test("two congestion controls in one object")
    func two() async throws {
        let one = ["bpfc_one", "bpfc_two"].map { name in
            let base = "struct_ops/tcp_congestion_ops/\(name)"
            return """
                @section("\(base)/ssthresh") func \(name)_t(_ socket: TCPSocket) -> UInt32 { 2 }
                @section("\(base)/undo_cwnd") func \(name)_u(_ socket: TCPSocket) -> UInt32 { 2 }
                @section("\(base)/cong_avoid") func \(name)_a(_ socket: TCPSocket, ack: UInt32, acked: UInt32) {}
                """
        }
        try await StandardObjectTests.with(one.joined(separator: "\n")) { object, _ in
            _ = try Machine.demand("bpftool", "struct_ops", "register", object)
            for name in ["bpfc_one", "bpfc_two"] {
                _ = try Machine.demand("bpftool", "struct_ops", "unregister", "name", name)
            }
        }
    }

    @Test("a field that this kernel lacks is an error that names it")
    func missing() async throws {
        let output = try await load("value.pointee = socket.no_such_field")
        #expect(output.status != 0)
        #expect(output.standardError.contains("sock.no_such_field"))
    }

    @Test(
        "a field of another width than the kernel's is an error, not another number",
        arguments: [
            "value.pointee = socket.common.skc_family",
            "let rate: UInt32 = socket.sk_pacing_rate; value.pointee = UInt64(rate)",
        ])
    func width(body: String) async throws {
        let output = try await load(body)
        #expect(output.status != 0)
        #expect(output.standardError.contains("accesses field incorrectly"), "\(output.standardError)")
    }

    @Test("a name that isn't a literal is refused")
    func computed() throws {
        let source = """
            var table = ArrayMap<UInt64>(count: 1)
            @section("tp_btf/tcp_retransmit_skb") func watch(_ socket: KernelPointer<Sock>) {
                guard let value = table[0] else { return }
                value.pointee = socket.field(value.pointee > 3 ? "sk_err" : "sk_mark")
            }
            """
        let errors = Sample.errors(try Compiler.run(source).output.standardError)
        #expect(
            errors == [
                "Sample.swift:6: error: in 'watch': names a kernel field with a string that isn't a "
                    + "literal"
            ])
    }

    @Test("all members of tcp_congestion_ops, with their arguments")
    func congestionControl() async throws {
        let base = "struct_ops/tcp_congestion_ops/bpfc_all"
        let source = """
            @section("\(base)/ssthresh") func threshold(_ socket: TCPSocket) -> UInt32 { socket.renoSlowStartThreshold() }
            @section("\(base)/undo_cwnd") func undo(_ socket: TCPSocket) -> UInt32 { socket.renoUndoneWindow() }
            @section("\(base)/cong_avoid") func avoid(_ socket: TCPSocket, ack: UInt32, acked: UInt32) {
                let left = socket.slowStart(acked: acked)
                if left > 0 { socket.growAdditively(window: socket.congestionWindow, acked: left) }
            }
            @section("\(base)/set_state") func state(_ socket: TCPSocket, _ state: CongestionState) {
                if state == .loss { socket.slowStartThreshold = 2 }
            }
            @section("\(base)/cwnd_event") func event(_ socket: TCPSocket, _ event: CongestionEvent) {
                if event == .windowRestart { socket.congestionWindow = 10 }
            }
            @section("\(base)/in_ack_event") func ack(_ socket: TCPSocket, _ flags: AckFlags) {
                if flags.contains(.ecnEcho) { socket.congestionWindowCount = 0 }
            }
            @section("\(base)/pkts_acked") func acked(_ socket: TCPSocket, _ sample: KernelPointer<AckSample>) {
                if (sample.pkts_acked as UInt32) > 3 { socket.congestionWindowCount = 0 }
            }
            @section("\(base)/min_tso_segs") func segments(_ socket: TCPSocket) -> UInt32 { 2 }
            @section("\(base)/sndbuf_expand") func buffer(_ socket: TCPSocket) -> UInt32 { 2 }
            @section("\(base)/init") func start(_ socket: TCPSocket) { socket.pacingRate = 1_000_000 }
            @section("\(base)/release") func end(_ socket: TCPSocket) {}
            """
        try await StandardObjectTests.with(source) { object, _ in
            _ = try Machine.demand("bpftool", "struct_ops", "register", object)
            _ = try Machine.demand("bpftool", "struct_ops", "unregister", "name", "bpfc_all")
        }
    }

    @Test("cong_control gets a rate sample")
    func congControl() async throws {
        let types = try Machine.demand(
            "bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c")
        let hasFourArguments = types.contains("(*cong_control)(struct sock *, u32, int, ")
        try requires(
            Requirement(feature: "cong_control_ack", minimumKernel: "6.10", answer: hasFourArguments ? .yes : .no))
        let base = "struct_ops/tcp_congestion_ops/bpfc_rate"
        let source = """
            @section("\(base)/ssthresh") func threshold(_ socket: TCPSocket) -> UInt32 { socket.slowStartThreshold }
            @section("\(base)/undo_cwnd") func undo(_ socket: TCPSocket) -> UInt32 { socket.congestionWindow }
            @section("\(base)/cong_control")
            func control(_ socket: TCPSocket, ack: UInt32, flag: Int32, _ sample: KernelPointer<RateSample>) {
                if (sample.delivered as Int32) > 3 { socket.congestionWindow = 20 }
            }
            """
        try await StandardObjectTests.with(source) { object, bpffs in
            _ = try Machine.demand("bpftool", "prog", "loadall", object, "\(bpffs)/programs")
        }
    }
}
