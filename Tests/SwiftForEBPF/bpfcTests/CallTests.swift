// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("calls: only what the kernel can follow, with five arguments and one register back")
struct CallTests {
    @Test(arguments: [
        Sample(
            "undefined function", "    missing()", more: "@_silgen_name(\"missing\") func missing() -> Int32",
            errors: [
                "Sample.swift:4: error: in 'f': calls 'missing', which is neither part of the "
                    + "program nor a kernel function"
            ]),
        Sample(
            "undefined function in a helper", "    g(socket)",
            more:
                """
                @inline(never) func g(_ c: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 {
                    Int32(truncatingIfNeeded: missing())
                }
                @_silgen_name("missing") func missing() -> Int64
                """,
            errors: [
                "Sample.swift:7: error: in 'g': calls 'missing', which is neither part of the "
                    + "program nor a kernel function"
            ]),
        Sample(
            "recursion", "    Int32(bitPattern: fibonacci(socket.pointee.op))",
            more: """
                func fibonacci(_ n: UInt32) -> UInt32 {
                    n < 2 ? n : fibonacci(n &- 1) &+ fibonacci(n &- 2)
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'fibonacci': calls itself (fibonacci → fibonacci); use a "
                    + "loop with a bound"
            ]),
        Sample(
            "mutual recursion", "    Int32(bitPattern: even(socket.pointee.op))",
            more:
                """
                @inline(never) func even(_ n: UInt32) -> UInt32 {
                    n == 0 ? 1 : odd(n &- 1) &+ 1
                }
                @inline(never) func odd(_ n: UInt32) -> UInt32 {
                    n == 0 ? 0 : even(n &- 1) &* 3
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'even': calls itself (even → odd → even); use a loop with a "
                    + "bound"
            ]),
        Sample(
            "recursion through an inlined function", "    Int32(bitPattern: even(socket.pointee.op))",
            more:
                """
                @inline(never) func even(_ n: UInt32) -> UInt32 {
                    n == 0 ? 1 : odd(n &- 1) &+ 1
                }
                @inline(__always) func odd(_ n: UInt32) -> UInt32 {
                    n == 0 ? 0 : even(n &- 1) &* 3
                }
                """,
            errors: [
                "Sample.swift:10: error: in 'odd': calls itself (even → odd → even); use a loop with a "
                    + "bound"
            ]),
        Sample(
            "six arguments",
            """
                let n = socket.pointee.op
                return sum(n, n &+ 1, n &* 2, n, n, n)
            """,
            more:
                """
                @inline(never) func sum(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ e: UInt32, _ f: UInt32) -> Int32 {
                    Int32(bitPattern: a &+ b &* c ^ d | e &- f)
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'sum': takes 6 arguments, but can take at most 5 because "
                    + "@inline(never) keeps it a function of its own; pass a structure as inout"
            ]),
        Sample(
            "a structure returned in registers", "    Int32(truncatingIfNeeded: pair(socket.pointee.op).a)",
            more:
                """
                struct Pair { var a: UInt64; var b: UInt64 }
                @inline(never) func pair(_ n: UInt32) -> Pair {
                    Pair(a: UInt64(n), b: bpf_ktime_get_ns())
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'pair': returns a structure, but can return only one "
                    + "register because @inline(never) keeps it a function of its own; return an integer, "
                    + "or write to an inout parameter"
            ]),
        Sample(
            "a structure returned in memory",
            """
                let many = many(socket.pointee.op)
                return Int32(truncatingIfNeeded: many.a &+ many.e)
            """,
            more:
                """
                struct Many { var a, b, c, d, e: UInt64 }
                @inline(never) func many(_ n: UInt32) -> Many {
                    Many(a: UInt64(n), b: 1, c: 2, d: 3, e: bpf_ktime_get_ns())
                }
                """,
            errors: [
                "Sample.swift:8: error: in 'many': returns a structure, but can return only one "
                    + "register because @inline(never) keeps it a function of its own; return an integer, "
                    + "or write to an inout parameter"
            ]),
        Sample(
            "an optional returned", "    Int32(truncatingIfNeeded: half(socket.pointee.op) ?? 0)",
            more: """
                @inline(never) func half(_ n: UInt32) -> UInt64? {
                    n & 1 == 0 ? UInt64(n) >> 1 : nil
                }
                """,
            errors: [
                "Sample.swift:6: error: in 'half': returns a structure, but can return only one "
                    + "register because @inline(never) keeps it a function of its own; return an integer, "
                    + "or write to an inout parameter"
            ]),
        Sample(
            "a closure that was stored",
            """
                let operation = socket.pointee.op
                return choose(operation)(operation)
            """,
            more:
                """
                @inline(never) func choose(_ n: UInt32) -> @convention(c) (UInt32) -> Int32 {
                    n > 3 ? { Int32(bitPattern: $0 &+ 1) } : { Int32(bitPattern: $0 &* 3) }
                }
                """,
            errors: [
                "Sample.swift:5: error: in 'f': calls a function that is known only at run time (a "
                    + "stored closure, a method of a class or protocol); the verifier must know each "
                    + "callee, so make the function generic or @inline(__always)"
            ]),
    ])
    func refused(_ sample: Sample) throws { #expect(try sample.compile().errors == sample.errors) }

    @Test(arguments: [
        Sample(
            "six arguments, inlined",
            """
                let n = socket.pointee.op
                return sum(n, n &+ 1, n &* 2, n, n, n) ^ sum(n, n, n, n, n, n &+ 1)
            """,
            more:
                """
                func sum(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ e: UInt32, _ f: UInt32) -> Int32 {
                    Int32(bitPattern: a &+ b &* c ^ d | e &- f)
                }
                """
        ),
        Sample(
            "five arguments",
            """
                let n = socket.pointee.op
                return sum(n, n &+ 1, n &* 2, n, n)
            """,
            more:
                """
                @inline(never) func sum(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ e: UInt32) -> Int32 {
                    Int32(bitPattern: a &+ b &* c ^ d | e)
                }
                """
        ),
        Sample(
            "a structure through inout",
            """
                var pair = Pair(a: 0, b: 0)
                fill(&pair, socket.pointee.op)
                return Int32(truncatingIfNeeded: pair.a)
            """,
            more:
                """
                struct Pair { var a: UInt64; var b: UInt64 }
                @inline(never) func fill(_ pair: inout Pair, _ n: UInt32) {
                    pair.a = UInt64(n)
                    pair.b = bpf_ktime_get_ns()
                }
                """
        ),
        Sample(
            "an optional, inlined", "    Int32(truncatingIfNeeded: half(socket.pointee.op) ?? 0)",
            more: """
                func half(_ n: UInt32) -> UInt64? {
                    n & 1 == 0 ? UInt64(n) >> 1 : nil
                }
                """),
        Sample(
            "a typed error", "    do { return try checked(socket.pointee.op) } catch { return 0 }",
            more:
                """
                enum Failure: Error { case tooMany }
                @inline(never) func checked(_ n: UInt32) throws(Failure) -> Int32 {
                    if n > 4 { throw .tooMany }
                    return 1
                }
                """
        ),
        Sample(
            "a loop with a bound",
            """
                var sum: UInt32 = 0
                for n in 0..<socket.pointee.op & 15 { sum ^= n &* n }
                return Int32(bitPattern: sum)
            """
        ),
        Sample(
            "a closure that is passed", "    Int32(bitPattern: apply(socket.pointee.op) { $0 &+ 3 })",
            more: "@inline(__always) func apply(_ n: UInt32, _ body: (UInt32) -> UInt32) -> UInt32 { body(n) }"),
        Sample(
            "a protocol as a constraint", "    Int32(bitPattern: call(One(), socket.pointee.op))",
            more:
                """
                protocol Number { func number(_ n: UInt32) -> UInt32 }
                struct One: Number { func number(_ n: UInt32) -> UInt32 { n &+ 1 } }
                func call(_ number: some Number, _ n: UInt32) -> UInt32 { number.number(n) }
                """
        ),
    ])
    func accepted(_ sample: Sample) throws {
        let (errors, elf) = try sample.compile()
        #expect(errors == [])
        #expect(elf != nil)
    }
}
