// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("what is kept, dropped and renamed")
struct ContentTests {
    /// The object's names: symbols, sections, and what its BTF calls them.
    private func names(_ sample: Sample) throws -> Set<String> {
        let (errors, elf) = try sample.compile()
        #expect(errors == [])
        let object = try #require(elf)
        return Set(object.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }

    @Test("kept: what has a section of its own, and what that reaches")
    func kept() throws {
        let names = try names(
            Sample(
                "kept", "    Int32(bitPattern: helper(socket.pointee.op))",
                more: """
                    var unused = ArrayMap<UInt64>(count: 32)
                    @inline(never) func helper(_ n: UInt32) -> UInt32 { n ^ UInt32(truncatingIfNeeded: bpf_ktime_get_ns()) }
                    """))
        #expect(names.isSuperset(of: ["f", "unused", "helper", "sockops", "license", ".maps"]))
    }

    @Test("dropped: functions and globals that no program reaches")
    func dropped() throws {
        let names = try names(
            Sample(
                "dropped", "    1",
                more: """
                    public func unreached(_ n: UInt32) -> UInt32 { n &+ 1 }
                    nonisolated(unsafe) public var unread: UInt32 = 3
                    """))
        #expect(names.isDisjoint(with: ["unreached", "unread"]))
        #expect(!names.contains { $0.contains("unreached") || $0.contains("unread") })
    }

    @Test("dropped: Swift's runtime, which is emitted into each module")
    func runtime() throws {
        let names = try names(Sample("runtime", "    Int32(bitPattern: socket.pointee.op)"))
        #expect(!names.contains { $0.contains("swift_") || $0.contains("_swift") })
    }

    @Test("dropped: DWARF, of which the loader has no use")
    func debugInformation() throws {
        let names = try names(Sample("DWARF", "    1"))
        #expect(!names.contains { $0.hasPrefix(".debug") })
        #expect(names.contains { $0.hasSuffix(".BTF.ext") })
    }

    @Test("renamed: a mangled symbol to the name in the source, and what BTF doesn't take to '_'")
    func renamed() throws {
        let names = try names(
            Sample(
                "renamed", "    Int32(bitPattern: Numbers(start: socket.pointee.op)[3])",
                more: """
                    struct Numbers {
                        var start: UInt32
                        @inline(never) subscript(n: UInt32) -> UInt32 { start &+ n }
                    }
                    """))
        #expect(names.contains("subscript_get"))
        #expect(!names.contains { $0.contains("$e") })
    }
}
