// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import TestSupport
import Testing

extension BPFTests {
    @Suite("The verifier's log in one line") struct VerifierTests {
        private func read(_ log: String) -> VerifierError? { VerifierError(program: "resume", log: log) }

        @Test("a kernel since 6.9 names file and line") func recent() {
            let log = """
                Live regs before insn:
                      0: .1........ (79) r1 = *(u64 *)(r1 +0)
                0: R1=ctx() R10=fp0
                ; let socket = SockOps(context) @ Resume.swift:12
                0: (79) r1 = *(u64 *)(r1 +0)
                from 3 to 9: R1=scalar()
                dereference of modified ctx ptr R2 off=44 disallowed
                verification time 2347 usec
                stack depth 232+0
                processed 105 insns (limit 1000000)
                """
            let error = read(log)
            #expect(error?.description == "Resume.swift:12: dereference of modified ctx ptr R2 off=44 disallowed")
            #expect(error?.file == "Resume.swift")
            #expect(error?.line == 12)
            #expect(error?.source == "let socket = SockOps(context)")
            #expect(error?.program == "resume")
            #expect(error?.log == log)
        }

        @Test("an older one gives the source's text") func older() {
            let error = read(
                """
                func#0 @0
                0: R1=ctx(id=0,off=0,imm=0) R10=fp0
                ; let socket = SockOps(context)
                0: (79) r1 = *(u64 *)(r1 +0)
                invalid bpf_context access off=0 size=8
                processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
                """)
            #expect(
                error?.description == "at 'let socket = SockOps(context)': invalid bpf_context access off=0 size=8")
            #expect(error?.line == nil)
        }

        @Test("what was inlined from C stands for the Swift before it") func inlined() {
            let error = read(
                """
                ; counts[key]?.pointee &+= 1 @ Count.swift:9
                16: (bf) r2 = r10
                ; BPF_HELPER(map_lookup_elem, 1, void *, (const void *map, const void *key), map, key) @ cbpf.h:18
                17: (85) call bpf_map_lookup_elem#1
                invalid indirect read from stack R2 off -4+0 size 4
                processed 16 insns (limit 1000000)
                """)
            #expect(error?.description == "Count.swift:9: invalid indirect read from stack R2 off -4+0 size 4")
            #expect(
                read("; #include @ cbpf.h:18\n0: (95) exit\nR0 !read_ok\n")?.description == "cbpf.h:18: R0 !read_ok")
        }

        @Test("7.3 explains itself") func explained() {
            let error = read(
                """
                0: R1=ctx() R10=fp0
                ; func ignore(_ socket: SockOps) -> SockOps.Verdict { .proceed } @ Programs.swift:24
                0: (bf) r0 = r9
                R9 !read_ok

                Verification failed: Register Type Safety: Unreadable register

                Reason:
                  R9 has never been initialized on this path, so the verifier cannot use it as an
                  input.

                At:
                  ignore @ Programs.swift:24:62
                  Source context:
                      23 | ...
                  >>> 24 | func ignore(_ socket: SockOps) -> SockOps.Verdict { .proceed }
                         | ^-- error: R9 is not readable
                      25 | ...
                  Instruction context:
                  >>> 0 | (bf) r0 = r9
                      1 | (95) exit

                Causal path:
                  no retained diagnostic events on this path

                Suggestion:
                  Initialize R9 on every path before this instruction.

                processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
                """)
            #expect(
                error?.description
                    == "Programs.swift:24: R9 has never been initialized on this path, so the verifier cannot use it "
                    + "as an input.")
            #expect(error?.suggestion == "Initialize R9 on every path before this instruction.")
        }

        @Test func noRefusal() {
            #expect(read("") == nil)
            #expect(read("processed 10 insns (limit 1000000)\n") == nil)
        }

        /// `ignore` returns what it never wrote.
        private func brokenSpec() throws -> ObjectSpec {
            let exit: [UInt8] = [0x95, 0, 0, 0, 0, 0, 0, 0]
            let function = exit + [0xb4, 0, 0, 0, 1, 0, 0, 0] + exit  // the end of `count`, then all of `ignore`
            var elf = TestPrograms.elf
            let place = try #require(
                elf.indices.dropLast(function.count).first { elf[$0..<$0 + function.count].elementsEqual(function) })
            elf.replaceSubrange(place + 8..<place + 16, with: [0xbf, 0x90, 0, 0, 0, 0, 0, 0])  // r0 = r9
            var spec = try ObjectSpec(elf: elf, name: TestPrograms.name)
            for index in spec.programs.indices where spec.programs[index].name.hasPrefix("trace") {
                spec.programs[index].isLoaded = false
            }
            return spec
        }

        @Test("a refusal names program, file and line", .kernel) func refusal() throws {
            let spec = try brokenSpec()
            let error = try #require(#expect(throws: BPFError.self) { _ = try spec.load() })
            #expect(error.code == .verifier)
            #expect(!error.description.contains("\n"))
            let verifier = try #require(error.verifier)
            #expect(verifier.reason.contains("R9"), "\(verifier.log)")
            #expect(error.description.contains("'\(verifier.program)' of 'BPFTestPrograms'"))
            #expect(error.log?.contains("processed ") == true)
            if isKernel(atLeast: "6.9") {
                #expect(verifier.file?.hasSuffix("Programs.swift") == true, "\(error)")
                #expect(verifier.line.map { $0 > 0 } == true)
            }
        }

        @Test("the log grows until it fits", .kernel) func growing() throws {
            let spec = try brokenSpec()
            let error = try #require(
                #expect(throws: BPFError.self) { _ = try ObjectLoader(spec).load(firstLogSize: 128) })
            #expect(error.code == .verifier)
            #expect(error.verifier?.reason.contains("R9") == true)
            #expect((error.log?.utf8.count ?? 0) > 128)
        }
    }
}
