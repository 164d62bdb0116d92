// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("names and contents: what an object needs, and what it calls its parts")
struct NameTests {
    @Test(arguments: [
        Sample(
            "a letter that BTF doesn't take", "    1",
            more: "@section(\"sockops\") @used func größe(_ socket: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { 1 }",
            errors: [
                "Sample.swift:6: error: in 'größe': the kernel accepts only names of letters a–z, "
                    + "digits and '_'"
            ]),
        Sample(
            "a map's name that BTF doesn't take", "    1",
            more: "var zähler = ArrayMap<UInt64>(count: 32)",
            errors: [
                "Sample.swift:6: error: in 'zähler': the kernel accepts only names of letters a–z, digits and '_'"
            ]),
        Sample(
            "two programs of one name", "    1",
            more:
                """
                enum Other {
                    @section("sockops") @used static func f(_ socket: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { 1 }
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'f': there is another 'f' in Sample.swift:3; each program "
                    + "and map needs a unique name"
            ]),
        Sample(
            "the name of its section", "    1",
            more:
                "@section(\"sockops\") @used func sockops(_ socket: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { 1 }",
            errors: ["Sample.swift:6: error: in 'sockops': has the same name as its section; rename it"]),
        Sample(
            "a struct_ops section without member", "    1",
            more: """
                @c(g) @section("struct_ops/tcp_congestion_ops/g")
                public func g(_ c: UnsafePointer<UInt64>) {}
                """,
            errors: [
                "Sample.swift:7: error: in 'g': section 'struct_ops/tcp_congestion_ops/g' must have "
                    + "the form 'struct_ops/TYPE/NAME/MEMBER', for instance "
                    + "'struct_ops/tcp_congestion_ops/example/init'"
            ]),
        Sample(
            "a struct_ops name too long", "    1",
            more:
                """
                @c(g) @section("struct_ops/tcp_congestion_ops/sixteen_letters_/init")
                public func g(_ c: UnsafePointer<UInt64>) {}
                """,
            errors: [
                "Sample.swift:7: error: in 'g': section "
                    + "'struct_ops/tcp_congestion_ops/sixteen_letters_/init': the name 'sixteen_letters_' "
                    + "has 16 bytes; the kernel accepts at most 15"
            ]),
        Sample(
            "a name too long", "    1",
            more:
                "@section(\"sockops\") @used func \(String(repeating: "n", count: 128))"
                + "(_ socket: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { 1 }",
            errors: [
                "Sample.swift:6: error: in '\(String(repeating: "n", count: 128))': the name has 128 bytes; "
                    + "the kernel accepts at most 127"
            ]),
    ])
    func refused(_ sample: Sample) throws { #expect(try sample.compile().errors == sample.errors) }

    @Test("license: an object without one is refused")
    func license() throws {
        let sample = Sample("no license", "    1")
        let (output, elf) = try Compiler.compile(sample.source, prelude: "import CBPF\n\n")
        #expect(
            Sample.errors(output.standardError) == [
                #"Sample.swift:3: error: no license: add 'let license: StaticString = "GPL"', or another license that the kernel knows"#
            ])
        #expect(elf == nil)
    }

    @Test("program: an object without one is refused")
    func program() throws {
        let (output, _) = try Compiler.compile("func f() {}")
        #expect(
            Sample.errors(output.standardError) == [
                #"Sample.swift:1: error: no program: give a function a section, for instance @section("sockops")"#
            ])
    }
}
