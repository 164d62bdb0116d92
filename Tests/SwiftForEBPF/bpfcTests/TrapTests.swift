// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("traps: each check that can fail is refused, and one that the optimiser proves is none")
struct TrapTests {
    @Test(arguments: [
        Sample(
            "overflow", "    Int32(bitPattern: socket.pointee.op + socket.pointee.family)",
            errors: [
                "Sample.swift:4: error: in 'f': '+', '-', '*' or a negation can overflow and trap; "
                    + "use &+, &- or &*"
            ]),
        Sample(
            "overflow in a helper that is inlined", "    twice(socket.pointee.op)",
            more: """
                func twice(_ n: UInt32) -> Int32 {
                    let twice = n * 2
                    return Int32(bitPattern: twice)
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'twice': '+', '-', '*' or a negation can overflow and "
                    + "trap; use &+, &- or &*"
            ]),
        Sample(
            "conversion", "    Int32(socket.pointee.op)",
            errors: [
                "Sample.swift:4: error: in 'f': the conversion can lose bits and trap; use "
                    + "init(truncatingIfNeeded:), or compare the value first"
            ]),
        Sample(
            "forced unwrap",
            """
                let value = lookUp(0)!
                return Int32(truncatingIfNeeded: value.pointee)
            """,
            more: Sample.table,
            errors: [
                "Sample.swift:4: error: in 'f': '!' can find nil and trap; use 'if let', 'guard let' or "
                    + "'??'"
            ]),
        Sample(
            "index",
            """
                let values: InlineArray<4, Int32> = [3, 1, 4, 1]
                return values[Int(socket.pointee.op)]
            """,
            errors: [
                "Sample.swift:5: error: in 'f': an index can be out of bounds and trap; compare it "
                    + "with the count first"
            ]),
        Sample(
            "division", "    Int32(bitPattern: 1000 / socket.pointee.op)",
            errors: [
                "Sample.swift:4: error: in 'f': '/' or '%' can divide by zero and trap; compare the "
                    + "divisor with 0 first"
            ]),
        Sample(
            "precondition",
            """
                precondition(socket.pointee.op < 9)
                return 1
            """,
            errors: [
                "Sample.swift:4: error: in 'f': precondition(_:) can fail and trap; use 'guard' and "
                    + "return"
            ]),
        Sample(
            "fatalError",
            """
                if socket.pointee.op > 9 { fatalError() }
                return 1
            """,
            errors: [
                "Sample.swift:4: error: in 'f': can reach a fatal error (fatalError, a failed check) "
                    + "and trap; return instead"
            ]),
        Sample(
            "range",
            """
                var sum: Int32 = 0
                for n in socket.pointee.op..<7 { sum ^= Int32(bitPattern: n) }
                return sum
            """,
            errors: [
                "Sample.swift:5: error: in 'f': the range can end before it begins and trap; compare "
                    + "the bounds first"
            ]),
        Sample(
            "several, in the order of lines",
            """
                let a = socket.pointee.op + 1
                let b = socket.pointee.family - 1
                return Int32(bitPattern: a / b)
            """,
            errors: [
                "Sample.swift:4: error: in 'f': '+', '-', '*' or a negation can overflow and trap; "
                    + "use &+, &- or &*",
                "Sample.swift:5: error: in 'f': '+', '-', '*' or a negation can overflow and trap; "
                    + "use &+, &- or &*",
                "Sample.swift:6: error: in 'f': '/' or '%' can divide by zero and trap; compare the "
                    + "divisor with 0 first",
            ]),
    ])
    func refused(_ sample: Sample) throws { #expect(try sample.compile().errors == sample.errors) }

    @Test(arguments: [
        Sample("wrapping operators", "    Int32(bitPattern: socket.pointee.op &+ socket.pointee.family &* 3)"),
        Sample("truncation", "    Int32(truncatingIfNeeded: UInt64(socket.pointee.op) << 9)"),
        Sample(
            "optional binding",
            """
                guard let value = lookUp(0) else { return 0 }
                return Int32(truncatingIfNeeded: value.pointee)
            """,
            more: Sample.table),
        Sample(
            "an index that was masked",
            """
                let values: InlineArray<4, Int32> = [3, 1, 4, 1]
                return values[Int(socket.pointee.op & 3)]
            """),
        Sample(
            "an index that was compared",
            """
                let values: InlineArray<4, Int32> = [3, 1, 4, 1]
                let index = Int(socket.pointee.op)
                guard index < values.count else { return 0 }
                return values[index]
            """),
        Sample(
            "a divisor that was compared",
            """
                let n = socket.pointee.op
                return n > 0 ? Int32(bitPattern: 1000 / n) : 0
            """),
        Sample(
            "a sum that was compared",
            """
                let n = socket.pointee.op
                return n < 1000 ? Int32(n + 1) : 0
            """),
        Sample(
            "a range of constants",
            """
                var sum: Int32 = 0
                for n in 0..<7 where n != socket.pointee.op { sum += Int32(n) }
                return sum
            """
        ),
        Sample(
            "guard instead of precondition",
            """
                guard socket.pointee.op < 9 else { return 0 }
                return 1
            """),
    ])
    func accepted(_ sample: Sample) throws {
        let (errors, elf) = try sample.compile()
        #expect(errors == [])
        #expect(elf != nil)
    }
}
