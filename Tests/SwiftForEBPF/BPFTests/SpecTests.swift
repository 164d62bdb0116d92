// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import Testing

extension BPFTests {
    @Suite("An object's spec is read without the kernel") struct SpecTests {
        private let spec: ObjectSpec

        init() throws { spec = try TestPrograms.spec() }

        @Test func maps() throws {
            func shape(_ map: MapSpec) -> [UInt32] {
                [map.type.rawValue, map.keySize, map.valueSize, map.maxEntries, map.flags.rawValue]
            }
            #expect(shape(spec[map: "connections"]) == [MapType.hash.rawValue, 4, 8, 64, 0])
            #expect(shape(spec[map: "recent"]) == [MapType.lruHash.rawValue, 16, 29, 128, 0])
            #expect(shape(spec[map: "calls"]) == [MapType.perCPUArray.rawValue, 4, 8, 32, 0])
            #expect(shape(spec[map: "packets"]) == [MapType.perCPUHash.rawValue, 4, 8, 64, 0])
            #expect(shape(spec[map: "settings"]) == [MapType.array.rawValue, 4, 4, 4, 0])
            #expect(shape(spec[map: "routes"]) == [MapType.lpmTrie.rawValue, 8, 4, 64, 1])
            #expect(shape(spec[map: "routes6"]) == [MapType.lpmTrie.rawValue, 20, 8, 64, 1])
            #expect(shape(spec[map: "marks"]) == [MapType.socketStorage.rawValue, 4, 8, 0, 1])
            #expect(shape(spec[map: "events"]) == [MapType.ringBuffer.rawValue, 0, 0, 4096, 0])
            #expect(shape(spec[map: "pending"]) == [MapType.queue.rawValue, 0, 8, 4, 0])
            #expect(spec.maps.count == 11)
        }

        @Test func programs() {
            let kinds = Dictionary(uniqueKeysWithValues: spec.programs.map { ($0.name, $0.kind) })
            #expect(kinds["count"] == .sockOps)
            #expect(kinds["filter"] == .cgroupSKB(.egress))
            #expect(kinds["route"] == .xdp)
            #expect(kinds["traceCalls"] == .rawTracepoint("sys_enter"))
            #expect(kinds["traceFunction"] == .tracing(function: "bpf_fentry_test1"))
            #expect(kinds["visit"] == .iterator(target: "tcp"))
            #expect(kinds["avoidCongestion"] == .structOps)
            #expect(kinds.count == 12)
            #expect(spec.programs.filter(\.isLoaded).count == 12)
        }

        @Test(arguments: [
            ("cgroup/skb", ProgramKind.cgroupSKB(nil)), ("cgroup_skb/ingress", .cgroupSKB(.ingress)),
            ("?xdp", .xdp), ("xdp.frags", .xdp), ("tp_btf/sched_switch", .tracing(function: "sched_switch")),
            ("raw_tracepoint/sys_exit", .rawTracepoint("sys_exit")), ("kprobe/x", .other), ("", .other),
        ])
        func sections(name: String, kind: ProgramKind) { #expect(ProgramKind(section: name) == kind) }

        @Test func license() { #expect(spec.license == "Dual BSD/GPL") }

        @Test func constants() throws {
            #expect(Set(spec.constants.map(\.name)) == ["step", "tracedProcess", "changedPort"])
            #expect(spec.constants.allSatisfy { $0.size == 4 })
            #expect(try spec.value(ofConstant: "step") == 100 as UInt32)
            var changed = spec
            try changed.setConstant("step", to: 7 as UInt32)
            #expect(try changed.value(ofConstant: "step") == 7 as UInt32)
            #expect(try changed.value(ofConstant: "tracedProcess") == 0 as UInt32)
            #expect(changed.elf.count == spec.elf.count)
        }

        @Test func structOps() throws {
            var variable = spec[structOps: "bpftest"]
            #expect(variable.typeName == "tcp_congestion_ops")
            #expect(variable.name == "bpftest")
            variable.name = "bpftest_1"
            var changed = spec
            changed[structOps: "bpftest"] = variable
            #expect(try changed.encoded() != spec.elf)
            // Read again, it has the new name.
            let again = try ObjectSpec(elf: changed.encoded(), name: "again")
            #expect(again[structOps: "bpftest"].name == "bpftest_1")
            changed[structOps: "bpftest"].name = "sixteen_bytes_xx"
            #expect(throws: BPFError.self) { try changed.encoded() }
            changed[structOps: "bpftest"].name = ""
            #expect(throws: BPFError.self) { try changed.encoded() }
        }

        @Test("generated properties change one thing each") func skeleton() throws {
            let (changed, step) = try Skeleton.changedSpec()
            #expect(changed[map: "connections"].maxEntries == 5)
            #expect(changed[map: "connections"].flags == .noPreallocation)
            #expect(changed[map: "recent"].maxEntries == 128)
            #expect(
                changed.programs.filter { !$0.isLoaded }.map(\.name).sorted() == [
                    "traceCalls", "traceFunction", "visit", "visitUDP",
                ])
            #expect(changed[structOps: "bpftest"].isLinked == false)
            #expect(step == 107)
        }
    }
}
