// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The object is what any loader takes: here bpftool, which knows nothing of Swift.
@Suite("the object is a standard one", .kernel, .kernelTestsNeedRoot) struct StandardObjectTests {
    /// Some of all that an object may hold.
    static let source = """
        struct Visit { var count: UInt64; var isNew: Bool; var kind: Kind }
        enum Kind { case first, later }
        var visits = HashMap<Prefix<IPv4Address>, Visit>(maxEntries: 16)
        var seen = PerCPUArray<(UInt64, UInt32)>(count: 2)
        var limit = Constant<UInt32>(7)
        var total: UInt64 = 0

        @section("sockops") func count(_ socket: SockOps) -> SockOps.Verdict {
            if let visit = visits[Prefix(of: socket.remoteIPv4)] { visit.pointee.count &+= UInt64(limit.value) }
            if let values = seen[1] { values.pointee.0 &+= 1 }
            total &+= 1
            return .proceed
        }

        @section("struct_ops/tcp_congestion_ops/bpfc_test/ssthresh")
        func threshold(_ socket: TCPSocket) -> UInt32 { socket.renoSlowStartThreshold() }
        @section("struct_ops/tcp_congestion_ops/bpfc_test/undo_cwnd")
        func undo(_ socket: TCPSocket) -> UInt32 { socket.renoUndoneWindow() }
        @section("struct_ops/tcp_congestion_ops/bpfc_test/cong_avoid")
        func avoid(_ socket: TCPSocket, ack: UInt32, acked: UInt32) { socket.renoAvoidCongestion(ack: ack, acked: acked) }
        """

    /// Calls `body` with the file of an object, and a bpffs.
    static func with(
        _ source: String = source, options: [String] = [], _ body: (_ object: String, _ bpffs: String) throws -> Void
    ) async throws {
        let result = try Compiler.run(source, options: options)
        let elf = try #require(result.elf, "\(result.output.standardError)")
        try await TestBPFFS.with { bpffs in
            let object = FileManager.default.temporaryDirectory.appending(path: "bpfc-\(UUID().uuidString).bpf.o")
            try Data(elf).write(to: object)
            defer { try? FileManager.default.removeItem(at: object) }
            try body(object.path, bpffs)
        }
    }

    @Test("bpftool prog loadall loads it, and map dump shows keys and values by their names")
    func loadsAndDumps() async throws {
        try await Self.with { object, bpffs in
            _ = try Machine.demand(
                "bpftool", "prog", "loadall", object, "\(bpffs)/programs", "pinmaps", "\(bpffs)/maps")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(bpffs)/programs").sorted()
                    == ["avoid", "count", "threshold", "undo"])
            let map = "\(bpffs)/maps/visits"
            _ = try Machine.demand(
                "bpftool", "map", "update", "pinned", map, "key", "24", "0", "0", "0", "192", "0", "2", "0", "value",
                "5", "0", "0", "0", "0", "0", "0", "0", "1", "1")
            let dump = try Machine.demand("bpftool", "map", "dump", "pinned", map)
            for words in [
                #""bitCount": 24"#, #""networkOrder": 131264"#, #""count": 5"#, #""isNew": true"#, #""kind": "later""#,
            ] {
                #expect(dump.contains(words), "\(dump)")
            }
            let perCPU = try Machine.demand("bpftool", "map", "dump", "pinned", "\(bpffs)/maps/seen")
            #expect(perCPU.contains(#""_1": 0"#), "\(perCPU)")
        }
    }

    @Test("bpftool struct_ops register makes a congestion control of it")
    func registers() async throws {
        try await Self.with { object, _ in
            _ = try Machine.demand("bpftool", "struct_ops", "register", object)
            defer { _ = try? Machine.demand("bpftool", "struct_ops", "unregister", "name", "bpfc_test") }
            let available = try String(
                contentsOfFile: "/proc/sys/net/ipv4/tcp_available_congestion_control", encoding: .utf8)
            #expect(available.split { $0.isWhitespace }.contains("bpfc_test"))
        }
    }

    @Test("bpftool btf dump as C: types, variables and prototypes under their names")
    func btf() async throws {
        try await Self.with { object, _ in
            let types = try Machine.demand("bpftool", "btf", "dump", "file", object)
            for line in [
                #"STRUCT 'Prefix_IPv4Address' size=8"#, #"'address' type_id="#, #"STRUCT 'Visit' size=10"#,
                #"ENUM 'Kind'"#, #"'later' val=1"#, #"VAR 'limit'"#, #"VAR 'total'"#, #"FUNC 'count'"#,
                #"STRUCT 'bpf_sock_ops'"#, #"DATASEC '.rodata'"#, #"DATASEC '.maps'"#, #"DATASEC '.ksyms'"#,
            ] { #expect(types.contains(line), "\(line) isn't in \(types)") }
            #expect(!types.contains("$"))
        }
    }

    @Test("bpftool gen skeleton makes a C skeleton of it")
    func skeleton() async throws {
        try await Self.with { object, _ in
            let header = try Machine.demand("bpftool", "gen", "skeleton", object, "name", "sample")
            for words in ["*visits;", "*count;", "*bpfc_test;", "sample__load"] { #expect(header.contains(words)) }
        }
    }

    @Test("each instruction set, and no source lines: all load", arguments: ["v1", "v2", "v3", "v4"])
    func instructionSets(cpu: String) async throws {
        try await Self.with(options: ["--cpu", cpu, "--debug-info", "none"]) { object, bpffs in
            _ = try Machine.demand("bpftool", "prog", "loadall", object, "\(bpffs)/programs")
        }
    }
}

@Suite("what an object is for") struct ObjectFormatTests {
    private func instructions(_ options: String...) throws -> (classes: Set<UInt8>, elf: [UInt8]) {
        let result = try Compiler.run(
            """
            var table = HashMap<UInt32, UInt64>(maxEntries: 1)
            @section("sockops") func f(_ socket: SockOps) -> SockOps.Verdict {
                if socket.localPort &+ socket.remotePort < 7, let value = table[3] { value.pointee &+= 1 }
                return .proceed
            }
            """, options: options)
        let elf = try #require(result.elf, "\(result.output.standardError)")
        let object = FileManager.default.temporaryDirectory.appending(path: "bpfc-\(UUID().uuidString).bpf.o")
        try Data(elf).write(to: object)
        defer { try? FileManager.default.removeItem(at: object) }
        // `bpftool` would want to load it; clang's own tool just reads.
        let swiftc = try Machine.demand("sh", "-c", "dirname $(readlink -f $(command -v swiftc))")
        let tool = swiftc.trimmingCharacters(in: .whitespacesAndNewlines) + "/llvm-objdump"
        let text = try Machine.demand(tool, "--disassemble", "--section=sockops", object.path)
        let opcodes = text.split(separator: "\n").compactMap { line -> UInt8? in
            let fields = line.split { $0 == " " || $0 == "\t" }
            return fields.count > 8 && fields[0].hasSuffix(":") ? UInt8(fields[1], radix: 16) : nil
        }
        return (Set(opcodes.map { $0 & 7 }), elf)
    }

    @Test("32-bit jumps come with v3")
    func jumps() throws {
        #expect(try instructions("--cpu", "v3").classes.contains(6))  // BPF_JMP32
        #expect(try !instructions("--cpu", "v2").classes.contains(6))
    }

    @Test("the byte order stands in the ELF header")
    func byteOrder() throws {
        #expect(try instructions("--endian", "little").elf[5] == 1)  // ELFDATA2LSB
        #expect(try instructions("--endian", "big").elf[5] == 2)  // ELFDATA2MSB
    }

    @Test("for a big-endian kernel the network's order is the machine's, and Swift's own swaps are refused")
    func networkOrder() throws {
        func compile(_ expression: String, _ endian: String) throws -> Compiler.Result {
            try Compiler.run(
                """
                var table = HashMap<IPv4Address, UInt64>(maxEntries: 1)
                @section("sockops") func f(_ socket: SockOps) -> SockOps.Verdict {
                    if \(expression), table[IPv4Address(192, 0, 2, 1)] != nil { socket.request([.roundTrips]) }
                    return .proceed
                }
                """, options: ["--endian", endian])
        }
        let little = try #require(try compile("socket.remotePort == 80", "little").ir)
        #expect(little.contains("store i32 16908480"))  // 192.0.2.1 as a little-endian machine reads it
        let big = try #require(try compile("socket.remotePort == 80", "big").ir)
        #expect(big.contains("store i32 -1073741311"))  // 0xc0000201
        let refused = try compile("table[IPv4Address(networkOrder: socket.localPort.bigEndian)] == nil", "big")
        #expect(
            Sample.errors(refused.output.standardError) == [
                "Sample.swift:5: error: in 'f': swaps bytes as for a little-endian kernel, but "
                    + "--endian is big; use networkOrder"
            ])
    }

    @Test("without debug information no source line is left")
    func debugInformation() throws {
        func hasSource(_ elf: [UInt8]) -> Bool { String(decoding: elf, as: UTF8.self).contains("socket.localPort &+") }
        #expect(hasSource(try instructions().elf))
        #expect(!hasSource(try instructions("--debug-info", "none").elf))
    }
}
