// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("types of maps and constants")
struct TypeTests {
    private func errors(_ declaration: String) throws -> [String] {
        let source = declaration + "\n@section(\"sockops\") func f(_ socket: SockOps) -> SockOps.Verdict { .proceed }\n"
        return Sample.errors(try Compiler.run(source).output.standardError)
    }

    @Test(
        "what has no fixed layout is refused, at the declaration",
        arguments: [
            (
                "var table = HashMap<UInt32, UInt16?>(maxEntries: 8)",
                "Sample.swift:3: error: the map 'table' has a key or value that is an Optional, "
                    + "which has no equivalent in C; use a value and a flag"
            ),
            (
                "var table = HashMap<UInt32, Double>(maxEntries: 8)",
                "Sample.swift:3: error: the map 'table' has a key or value that is a Double; "
                    + "the kernel has no floating point"
            ),
            (
                "struct Key { var family: UInt8; var port: UInt32 }; var table = HashMap<Key, UInt32>(maxEntries: 8)",
                "Sample.swift:3: error: the map 'table' has a key, 'Key', with padding at byte 1, "
                    + "which a program leaves unset; fill the gap with an explicit member"
            ),
            (
                "let table = HashMap<UInt32, UInt32>(maxEntries: 8)",
                "Sample.swift:3: error: the map 'table' is declared with 'let'; use 'var', because "
                    + "the content of a map changes"
            ),
            (
                "var table = LPMTrie<UInt64, UInt32>(maxEntries: 8)",
                "Sample.swift:3: error: the map 'table' has a key or value that isn't an address "
                    + "made of bytes or 32-bit words ('UInt64')"
            ),
            (
                "var table = HashMap<UInt32, UInt32>(maxEntries: 0)",
                "Sample.swift:3: error: the map 'table' has a capacity of 0"
            ),
            (
                "var events = RingBuffer<UInt32>(byteCount: 5000)",
                "Sample.swift:3: error: the map 'events' has 5000 bytes; the size of a ring buffer "
                    + "must be a power of two, at least 4096"
            ),
            (
                "struct Spec { var a: UInt32 }; var table = ArrayMap<Spec>(count: 2)",
                "error: the type 'Spec' of a map or constant has a name that the skeleton needs; "
                    + "rename it"
            ),
            (
                "enum Rate { case none, some(UInt32) }; var rate = Constant<Rate>(.none)",
                "Sample.swift:3: error: the constant 'rate' is an enumeration with associated values "
                    + "('Rate'), which has no equivalent in C"
            ),
        ])
    func refused(declaration: String, error: String) throws {
        #expect(try errors(declaration) == [error])
    }

    @Test("members are laid out as Swift does: what the program writes is where BTF says")
    func layout() throws {
        let result = try Compiler.run(
            """
            struct Inner { var a: UInt8; var b: UInt16 }
            struct Outer { var a: UInt8; var inner: Inner; var word: UInt64; var list: InlineArray<3, UInt16>; var end: Bool }
            var table = ArrayMap<Outer>(count: 1)
            @section("sockops") func f(_ socket: SockOps) -> SockOps.Verdict {
                if let value = table[0] {
                    value.pointee.inner.b = UInt16(truncatingIfNeeded: MemoryLayout<Outer>.size)
                    value.pointee.word = UInt64(truncatingIfNeeded: MemoryLayout<Outer>.offset(of: \\.word) ?? 0)
                    value.pointee.end = true
                }
                return .proceed
            }
            """)
        let ir = try #require(result.ir, "\(result.output.standardError)")
        // The program's own idea of the layout, folded into constants.
        for store in ["store i16 23", "store i64 8"] { #expect(ir.contains(store), "\(store)") }
        // And the description's, in bits.
        for member in [
            #"name: "inner", baseType: !"#, #"size: 32, offset: 16)"#, #"size: 64, offset: 64)"#, #"offset: 128)"#,
            #"offset: 176)"#, #"name: "Outer", size: 184"#,
        ] { #expect(ir.contains(member), "\(member)") }
    }

    @Test("structures that only the kernel's sources declare stand in the skeleton, others are imported")
    func skeleton() throws {
        let source = """
            struct Visit { var count: UInt64; var address: IPv4Address; var isNew: Bool; var kind: Kind }
            enum Kind { case first, later }
            var visits = LRUHashMap<IPv6Address, Visit>(maxEntries: 16)
            var blocked = LPMTrie<IPv4Address, UInt32>(maxEntries: 16)
            var events = RingBuffer<Visit>(byteCount: 4096)
            var limit = Constant<(UInt32, UInt8)>((7, 1))
            @section("xdp") func filter(_ packet: XDP) -> XDP.Action { limit.value.0 > 3 ? .pass : .drop }
            @section("fexit/tcp_v4_connect") func `init`(_ socket: KernelPointer<Sock>) {}
            """
        let skeleton = try #require(try Compiler.run(source).skeleton)
        for line in [
            "struct Visit: BitwiseCopyable, Sendable {", "    var address: IPv4Address",
            "enum Kind: BitwiseCopyable, Sendable {", "    case later",
            "        let visits: BPF.HashMap<IPv6Address, Visit>",
            "        let blocked: BPF.LPMTrie<IPv4Address, UInt32>",
            "        let events: BPF.RingBuffer<Visit>", "        let filter: BPF.XDPProgram",
            "        let `init`: BPF.TracingProgram", "            var limit: (UInt32, UInt8) {",
        ] { #expect(skeleton.contains(line + "\n"), "\(line)\nisn't in\n\(skeleton)") }
    }

    @Test(
        "a program's context and result suit its section",
        arguments: [
            (
                "@section(\"sockops\") func f(_ packet: XDP) -> SockOps.Verdict { .proceed }",
                "Sample.swift:3: error: in 'f': takes a 'XDP', but the context of section 'sockops' "
                    + "is 'SockOps'"
            ),
            (
                "@section(\"xdp\") func f(_ packet: XDP) {}",
                "Sample.swift:3: error: in 'f': returns nothing, but a program in section 'xdp' must "
                    + "return 'XDP.Action'"
            ),
        ])
    func context(source: String, error: String) throws {
        #expect(Sample.errors(try Compiler.run(source).output.standardError) == [error])
    }

    @Test("a constant may begin as an address")
    func address() throws {
        let result = try Compiler.run(
            """
            var home = Constant<IPv4Address>(IPv4Address(10, 0, 0, 1))
            @section("sockops") func f(_ socket: SockOps) -> SockOps.Verdict {
                if socket.remoteIPv4 == home.value { socket.request([.roundTrips]) }
                return .proceed
            }
            """)
        #expect(result.ir?.contains("i32 16777226") ?? false, "\(result.output.standardError)")
    }

    @Test("a type that user space can't have is refused")
    func unavailable() throws {
        let errors = try errors("struct Pair<T> { var a, b: T }; var pairs = ArrayMap<Pair<UInt32>>(count: 2)")
        #expect(
            errors == [
                "error: the type 'Pair<UInt32>' of a map or constant isn't available to user space; "
                    + "declare it in a module SampleShared"
            ])
    }
}
