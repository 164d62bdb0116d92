// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite struct CompilerTests {
    @Test(
        "errors name function, file and line",
        arguments: [
            (
                #"@c(f) @section("sockops") public func f(_ c: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { g(c) }"#
                    + "\n@inline(never) func g(_ c: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { Int32(k()) }"
                    + "\n@_silgen_name(\"k\") func k() -> Int32",
                "'k', which is neither"
            ),
            (
                "final class Box { var value: Int32 = 1 }\n"
                    + #"@c(f) @section("sockops") public func f(_ c: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 {"#
                    + "\n let boxes = [Box(), Box()]\n return boxes[Int(c.pointee.op)].value\n}",
                "runtime"
            ),
            (
                #"@c(f) @section("sockops") public func f(_ c: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { g(c.pointee.op) }"#
                    + "\n@inline(never) func g(_ n: UInt32) -> Int32 { n < 2 ? 1 : g(n &- 1) &* g(n &- 2) }",
                "calls itself"
            ),
        ])
    func refused(source: String, problem: String) throws {
        let (output, elf) = try Compiler.compile(source)
        #expect(output.status == 1)
        #expect(elf == nil)
        #expect(output.standardError.contains(problem), "\(output.standardError)")
        #expect(output.standardError.contains("Sample.swift:"))
    }

    @Test func noLicense() throws {
        let program =
            #"@c(f) @section("sockops") public func f(_ c: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 { 1 }"#
        let (output, _) = try Compiler.compile(program, prelude: "import CBPF\n")
        #expect(output.status == 1)
        #expect(output.standardError.contains("license"))
    }

    @Test func noProgram() throws {
        let (output, _) = try Compiler.compile("func f() {}")
        #expect(output.status == 1)
        #expect(output.standardError.contains("no program"))
    }

    @Test("a compiler error appears as the compiler gives it")
    func compilerError() throws {
        let (output, _) = try Compiler.compile("let x: Int = \"text\"")
        #expect(output.status == 1)
        #expect(output.standardError.contains("Sample.swift:3:14: error:"))
    }

    @Test func usage() throws {
        let output = try Machine.run([Machine.product("bpfc"), "--cpu", "v9"])
        #expect(output.status == 1)
        #expect(output.standardError.contains("'v9'"))
    }
}
