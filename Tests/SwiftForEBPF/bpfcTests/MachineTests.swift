// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("arithmetic, atomics and copies: only what the instruction set has")
struct MachineTests {
    @Test(arguments: [
        Sample(
            "floating point", "    Double(socket.pointee.op) * 1.5 > 4 ? 1 : 0",
            errors: [
                "Sample.swift:4: error: in 'f': uses floating point, which eBPF doesn't have; use "
                    + "integers in a smaller unit"
            ]),
        Sample(
            "128 bits",
            "    Int32(truncatingIfNeeded: bpf_ktime_get_ns().multipliedFullWidth(by: bpf_ktime_get_ns()).high)",
            errors: [
                "Sample.swift:4: error: in 'f': multiplies or divides 128-bit integers, which eBPF "
                    + "doesn't support; use 64 bits and &*"
            ]),
        Sample(
            "signed division",
            """
                let n = Int32(bitPattern: socket.pointee.op)
                return n == 0 || n == -1 ? 0 : 1000 / n
            """,
            errors: [
                "Sample.swift:5: error: in 'f': divides signed integers, which eBPF supports only from "
                    + "instruction set v4 (--cpu v4, Linux 6.6); divide unsigned integers"
            ]),
        Sample(
            "result of a relaxed addition", atomic("number.n.wrappingAdd(4, ordering: .relaxed).oldValue"),
            more: atomics,
            errors: [
                "Sample.swift:5: error: in 'f': uses the result of a relaxed atomic operation, for "
                    + "which LLVM generates wrong code; use the ordering .sequentiallyConsistent"
            ]),
        Sample(
            "atomic minimum", atomic("number.n.min(4, ordering: .sequentiallyConsistent).oldValue"), more: atomics,
            errors: [
                "Sample.swift:5: error: in 'f': uses an atomic 'min', which eBPF doesn't have; use "
                    + "compareExchange in a loop with a bound"
            ]),
        Sample(
            "atomic of 16 bits", atomic("number.h.wrappingAdd(4, ordering: .sequentiallyConsistent).oldValue"),
            more: atomics,
            errors: [
                "Sample.swift:5: error: in 'f': uses an atomic operation on fewer than 32 bits, "
                    + "which eBPF doesn't have; use UInt32 or UInt64"
            ]),
        Sample(
            "acquiring load", atomic("number.n.load(ordering: .acquiring)"), more: atomics,
            errors: [
                "Sample.swift:5: error: in 'f': uses an atomic load, which eBPF v3 doesn't have; use "
                    + "wrappingAdd(0, ordering: .sequentiallyConsistent)"
            ]),
        Sample(
            "a copy of unknown length", copy("Int(socket.pointee.op)"), more: Sample.table,
            errors: [
                "Sample.swift:5: error: in 'f': copies a number of bytes that is known only at run "
                    + "time; use a loop with a bound"
            ]),
        Sample(
            "a long copy", copy("130"), more: Sample.table,
            errors: [
                "Sample.swift:5: error: in 'f': copies 130 bytes at once, but the limit at an "
                    + "alignment of 1 is 128; use a loop over smaller parts"
            ]),
        Sample(
            "a long structure",
            """
                guard let value = lookUp(0) else { return 0 }
                let many = UnsafeMutableRawPointer(value).assumingMemoryBound(to: InlineArray<200, UInt64>.self)
                many.pointee = InlineArray(repeating: 0)
                return 1
            """,
            more: Sample.table,
            errors: [
                "Sample.swift:6: error: in 'f': fills 1600 bytes at once, but the limit at an "
                    + "alignment of 8 is 1024; use a loop over smaller parts"
            ]),
    ])
    func refused(_ sample: Sample) throws { #expect(try sample.compile().errors == sample.errors) }

    @Test(arguments: [
        Sample("fixed point", "    UInt64(socket.pointee.op) &* 3 / 2 > 4 ? 1 : 0"),
        Sample(
            "unsigned division",
            """
                let n = socket.pointee.op
                return n == 0 ? 0 : Int32(bitPattern: 1000 / n)
            """),
        Sample("division by a constant", "    Int32(bitPattern: socket.pointee.op) / 7"),
        Sample(
            "result of an ordered addition",
            atomic("number.n.wrappingAdd(4, ordering: .sequentiallyConsistent).oldValue"), more: atomics),
        Sample(
            "relaxed addition without its result",
            """
                guard let number = shared() else { return 0 }
                number.pointee.n.wrappingAdd(4, ordering: .relaxed)
                return 1
            """,
            more: atomics),
        Sample(
            "relaxed exchange",
            atomic("number.n.exchange(4, ordering: .relaxed)"), more: atomics),
        Sample("a short copy", copy("64"), more: Sample.table),
    ])
    func accepted(_ sample: Sample) throws {
        let (errors, elf) = try sample.compile()
        #expect(errors == [])
        #expect(elf != nil)
    }

    private static func atomic(_ expression: String) -> String {
        """
            guard let number = shared() else { return 0 }
            return Int32(truncatingIfNeeded: 
        """
            + expression.replacing("number.", with: "number.pointee.") + ")"
    }

    private static let atomics =
        """
        import Synchronization

        """ + Sample.table + """

            struct Shared: ~Copyable { let n: Atomic<UInt64>; let h: Atomic<UInt16> }
            @inline(__always) func shared() -> UnsafeMutablePointer<Shared>? {
                lookUp(0).map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Shared.self) }
            }
            """

    private static func copy(_ count: String) -> String {
        """
            guard let from = lookUp(0), let to = lookUp(1) else { return 0 }
            UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: \(count))
            return 1
        """
    }
}
