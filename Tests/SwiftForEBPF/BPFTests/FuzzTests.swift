// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import TestSupport
import Testing

extension BPFTests {
    @Suite("Readers survive damaged input; BPF_FUZZ_SECONDS=600 for longer") struct FuzzTests {
        @Test func readers() async {
            let fuzzing = Fuzzing()
            let result = await #expect(processExitsWith: .success) { [fuzzing = fuzzing as Fuzzing] in
                let elf = TestPrograms.elf
                let places = FuzzTests.places(in: elf)
                let btf = FuzzTests.section(".BTF", of: elf)
                fuzzing.run { seed in
                    var mutation = Mutation(seed: seed)
                    FuzzTests.readObject(mutation.damage(elf, places: places))
                    FuzzTests.readTypes(mutation.damage(btf, places: [0..<24, 24..<btf.count]))
                    FuzzTests.readText(mutation.damage(Array(FuzzTests.texts[Int(seed % 3)].utf8)))
                }
            }
            let (seed, count) = fuzzing.takeProgress()
            if result == nil {
                Issue.record("crashed: BPF_FUZZ_SEED=\(seed) BPF_FUZZ_COUNT=1 shows it again")
            }
            #expect(count > 0 || fuzzing.count == 1)
        }

        private static let texts = [
            "0: (95) exit\n; let x = y @ F.swift:12\nR0 !read_ok\n\nReason:\n  a\nSuggestion:\n  b\nprocessed 1 insns",
            "31 30 0:27 / /sys/fs/cgroup/with\\040blank rw shared:10 - cgroup2 cgroup2 rw\n- - -\n",
            "Name:\tx\nCapEff:\t000001ffffffffff\n; a @ b:c @ :\nfrom 3 to 9: R1=scalar()\n12: (85) call",
        ]

        /// The ELF header and the table of sections.
        private static func places(in elf: [UInt8]) -> [Range<Int>] {
            let table = elf[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
            return [0..<64, table..<elf.count, 0..<elf.count]
        }

        /// The bytes of a section, by way of what is tested.
        private static func section(_ name: String, of elf: [UInt8]) -> [UInt8] {
            do throws(BPFError) {
                let file = try ELFFile(elf, "fuzzing")
                return file.section(name).map { Array(elf[$0.range]) } ?? []
            } catch { return [] }
        }

        private static func readObject(_ elf: [UInt8]) {
            do throws(BPFError) {
                var spec = try ObjectSpec(elf: elf, name: "fuzz")
                for constant in spec.constants {
                    if constant.size == 4 { try? spec.setConstant(constant.name, to: 7 as UInt32) }
                }
                for index in spec.structOps.indices { spec.structOps[index].name = "n" }
                _ = try spec.encoded()
            } catch { _ = error.description }
        }

        private static func readTypes(_ bytes: [UInt8]) {
            do throws(BPFError) {
                let btf = try BTF(bytes)
                for number in 0...UInt32(btf.count) + 1 {
                    guard let type = btf[number] else { continue }
                    _ = btf.size(of: number)
                    for member in btf.members(of: number).prefix(16) { _ = btf.offset(of: member.name, in: type.name) }
                }
                _ = btf.hasFunction("count")
            } catch { _ = error.description }
        }

        private static func readText(_ bytes: [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            _ = VerifierError(program: "fuzz", log: text)?.description
            _ = Mounts.mountPoint(ofType: "cgroup2", mountinfo: text)
            _ = Capabilities.missing(inStatus: text)
            _ = ProgramKind(section: text)
        }
    }
}
