// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("generated code: the stack, and each field of the context by itself")
struct ObjectTests {
    @Test(arguments: [
        Sample(
            "a frame too large", "    Int32(truncatingIfNeeded: large(UInt64(socket.pointee.op)))",
            more: frame("large", words: 65),
            errors: [
                "Sample.swift:6: error: in 'large': needs 576 bytes of stack, but only 512 are "
                    + "available: f 32 → large 544; keep large values in a map"
            ]),
        Sample(
            "a chain of calls too large", "    Int32(truncatingIfNeeded: one(UInt64(socket.pointee.op)))",
            more: frame("one", words: 20, calling: "two") + frame("two", words: 24, calling: "three")
                + frame("three", words: 20),
            errors: [
                "Sample.swift:11: error: in 'two': needs 544 bytes of stack, but only 512 are "
                    + "available: f 32 → one 160 → two 192 → three 160; keep large values in a map"
            ]),
        Sample(
            "nine frames", "    Int32(truncatingIfNeeded: f1(UInt64(socket.pointee.op)))",
            more: (1...7).map { frame("f\($0)", words: 1, calling: "f\($0 + 1)") }.joined() + frame("f8", words: 1),
            errors: [
                "Sample.swift:3: error: in 'f': calls 9 functions deep, but at most 8 are allowed: f "
                    + "→ f1 → f2 → f3 → f4 → f5 → f6 → f7 → f8; mark some @inline(__always)"
            ]),
        Sample(
            "neighbouring fields merged into one read",
            """
                var address = Address(a: socket.pointee.remote_ip6.0, b: socket.pointee.remote_ip6.1, c: socket.pointee.remote_ip6.2, d: socket.pointee.remote_ip6.3, e: 0)
                bpf_map_delete_elem(socket, &address)
                return 1
            """,
            more: "struct Address { var a, b, c, d: UInt32; var e: UInt64 }",
            errors: [
                "Sample.swift:4: error: in 'f': accesses 'remote_ip6[0]' and 'remote_ip6[1]' of the "
                    + "context in one access of 8 bytes; the verifier allows only one whole field per "
                    + "access",
                "Sample.swift:4: error: in 'f': accesses 'remote_ip6[2]' and 'remote_ip6[3]' of the "
                    + "context in one access of 8 bytes; the verifier allows only one whole field per "
                    + "access",
            ]),
        Sample(
            "a field chosen by a condition",
            """
                let n = socket.pointee.op > 4 ? socket.pointee.snd_cwnd : socket.pointee.srtt_us
                return Int32(bitPattern: n)
            """,
            errors: [
                "Sample.swift:4: error: in 'f': accesses the context at a computed address, but the "
                    + "verifier allows only constant offsets; read each field into a constant before you "
                    + "choose between them"
            ]),
        Sample(
            "half a field", "    UnsafeRawPointer(socket).load(fromByteOffset: 0, as: UInt8.self) == 7 ? 1 : 0",
            errors: [
                "Sample.swift:4: error: in 'f': accesses 1 of the 4 bytes of the context's field "
                    + "'op'; the verifier allows only one whole field per access"
            ]),
        Sample(
            "merged in a function that is called", "    g(socket)",
            more:
                """
                @inline(never) func g(_ context: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 {
                    let both = UInt64(context.pointee.local_ip6.0) | UInt64(context.pointee.local_ip6.1) << 32
                    return both > 5 ? 1 : 0
                }
                """,
            errors: [
                "Sample.swift:7: error: in 'g': accesses 'local_ip6[0]' and 'local_ip6[1]' of the "
                    + "context in one access of 8 bytes; the verifier allows only one whole field per "
                    + "access"
            ]),
    ])
    func refused(_ sample: Sample) throws { #expect(try sample.compile().errors == sample.errors) }

    @Test(arguments: [
        Sample(
            "a chain of calls that fits", "    Int32(truncatingIfNeeded: one(UInt64(socket.pointee.op)))",
            more: frame("one", words: 20, calling: "two") + frame("two", words: 20, calling: "three")
                + frame("three", words: 20)),
        Sample(
            "eight frames", "    Int32(truncatingIfNeeded: f1(UInt64(socket.pointee.op)))",
            more: (1...6).map { frame("f\($0)", words: 1, calling: "f\($0 + 1)") }.joined() + frame("f7", words: 1)),
        Sample(
            "fields read by accessors that LLVM leaves alone",
            """
                var address = Address(a: sock_ops_remote_ip6_0(socket), b: sock_ops_remote_ip6_1(socket))
                bpf_map_delete_elem(socket, &address)
                return 1
            """,
            more: "struct Address { var a, b: UInt64 }"),
        Sample("fields of eight bytes", "    socket.pointee.bytes_acked > 4 && sock_ops_sk(socket) != nil ? 1 : 0"),
    ])
    func accepted(_ sample: Sample) throws {
        let (errors, elf) = try sample.compile()
        #expect(errors == [])
        #expect(elf != nil)
    }

    /// A function with words on its stack.
    private static func frame(_ name: String, words: Int, calling callee: String? = nil) -> String {
        """
        @inline(never) func \(name)(_ n: UInt64) -> UInt64 {
            var words = InlineArray<\(words), UInt64>(repeating: n)
            let found = withUnsafeMutablePointer(to: &words) { bpf_map_delete_elem($0, $0) }
            return UInt64(bitPattern: Int64(found)) &+ \(callee.map { "\($0)(n &* 3)" } ?? "n")
        }

        """
    }
}
