// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("runtime: what needs Swift's runtime or a heap is refused, with the construct that brings it")
struct RuntimeTests {
    @Test(arguments: [
        Sample(
            "array",
            """
                var list: [UInt32] = []
                for n in 0..<socket.pointee.op { list.append(n) }
                return Int32(truncatingIfNeeded: list.count)
            """,
            errors: [
                "Sample.swift:5: error: in 'f': needs an array, which calls 'swift_allocObject' of "
                    + "Swift's runtime; the kernel has no Swift runtime"
            ]),
        Sample(
            "class", "    make(socket.pointee.op).value",
            more:
                """
                final class Box { var value: Int32 = 1 }
                @inline(never) func make(_ n: UInt32) -> Box {
                    let box = Box()
                    box.value = Int32(bitPattern: n)
                    return box
                }
                """,
            errors: [
                "Sample.swift:8: error: in 'make': needs an object of class 'Box', which calls "
                    + "'swift_allocObject' of Swift's runtime; the kernel has no Swift runtime"
            ]),
        Sample(
            "escaping closure", "    Int32(bitPattern: adder(socket.pointee.op)(3))",
            more: """
                @inline(never) func adder(_ n: UInt32) -> (UInt32) -> UInt32 {
                    { $0 &+ n }
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'adder': needs a closure that escapes, which calls "
                    + "'swift_allocObject' of Swift's runtime; the kernel has no Swift runtime"
            ]),
        Sample(
            "string",
            """
                let text = "op \\(socket.pointee.op)"
                return Int32(truncatingIfNeeded: text.utf8.count)
            """,
            errors: [
                "Sample.swift:4: error: in 'f': needs a string, which calls 'swift_allocObject' of "
                    + "Swift's runtime; the kernel has no Swift runtime",
                "Sample.swift:5: error: in 'f': needs a string, which calls 'swift_allocObject' of "
                    + "Swift's runtime; the kernel has no Swift runtime",
            ]),
        Sample(
            "print",
            """
                print("hello")
                return 1
            """,
            errors: [
                "Sample.swift:4: error: in 'f': needs output ('print'), which calls 'putchar' of "
                    + "Swift's runtime; the kernel has no Swift runtime"
            ]),
        Sample(
            "random numbers", "    Int32(bitPattern: UInt32.random(in: 0..<9))",
            errors: [
                "Sample.swift:4: error: in 'f': needs random numbers (a random function, or the "
                    + "hashing of a Set or Dictionary), which calls 'arc4random_buf' of Swift's runtime; "
                    + "the kernel has no Swift runtime"
            ]),
        Sample(
            "dictionary",
            """
                let known: [UInt32: UInt32] = [socket.pointee.op: 5]
                return known[3] == 4 ? 1 : 0
            """,
            errors: [
                "Sample.swift:4: error: in 'f': needs a dictionary, which calls 'swift_allocObject' "
                    + "of Swift's runtime; the kernel has no Swift runtime",
                "Sample.swift:5: error: in 'f': needs random numbers (a random function, or the "
                    + "hashing of a Set or Dictionary), which calls 'arc4random_buf' of Swift's runtime; "
                    + "the kernel has no Swift runtime",
            ]),
        Sample(
            "heap",
            """
                let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: 4)
                memory.pointee = socket.pointee.op
                bpf_map_delete_elem(memory, memory)
                memory.deallocate()
                return 1
            """,
            errors: [
                "Sample.swift:4: error: in 'f': needs memory from the heap, which calls "
                    + "'posix_memalign' of Swift's runtime; the kernel has no Swift runtime"
            ]),
        Sample(
            "global that isn't constant", "    Int32(bitPattern: start.0)",
            more:
                """
                let start = (now(), now())
                @inline(never) func now() -> UInt32 { UInt32(truncatingIfNeeded: bpf_ktime_get_ns()) }
                """,
            errors: [
                "Sample.swift:6: error: in 'start': the global's initial value isn't a constant, so "
                    + "Swift's runtime would have to compute it; the kernel has no Swift runtime"
            ]),
        Sample(
            "method of a protocol", "    call(socket.pointee.op > 3 ? One() : Two())",
            more:
                """
                protocol Number: AnyObject { func number() -> Int32 }
                final class One: Number { func number() -> Int32 { 1 } }
                final class Two: Number { func number() -> Int32 { 2 } }
                @inline(never) func call(_ number: any Number) -> Int32 {
                    number.number()
                }
                """,
            errors: [
                "Sample.swift:4: error: in 'f': needs an object of a class, which calls "
                    + "'swift_allocObject' of Swift's runtime; the kernel has no Swift runtime",
                "Sample.swift:10: error: in 'call': calls a function that is known only at run time "
                    + "(a stored closure, a method of a class or protocol); the verifier must know each "
                    + "callee, so make the function generic or @inline(__always)",
            ]),
    ])
    func refused(_ sample: Sample) throws { #expect(try sample.compile().errors == sample.errors) }
}
