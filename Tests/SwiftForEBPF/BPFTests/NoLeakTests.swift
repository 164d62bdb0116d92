// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import BPFTestProgramsShared
import Foundation
import TestSupport
import Testing

extension BPFTests {
    @Suite("Nothing is left of what goes out of scope", .kernel) struct NoLeakTests {
        /// Counted on one thread, in which nothing else opens anything.
        private func expectNoDescriptors(_ rounds: Int, _ body: () throws -> Void) throws {
            func count() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
            try body()
            let before = try count()
            for _ in 0..<rounds { try body() }
            #expect(try count() == before)
        }

        @Test("objects with all their handles") func handles() throws {
            try expectNoDescriptors(20) {
                let object = try minimalSpec().load()
                let events: RingBuffer<Sample> = try object.map("events")
                _ = try events.read(timeoutMilliseconds: 0)
                let map: HashMap<IPv4Address, UInt64> = try object.map("connections")
                _ = try map.entries()
                let program: XDPProgram = try object.program("route")
                _ = try program.info()
                let variable = try object.structOps("bpftest")
                _ = try variable.info()
            }
        }

        @Test("links, of a cgroup made for it") func links() async throws {
            try await TestBed.with { bed in
                let cgroup = try Cgroup(path: bed.cgroup)
                let path = bed.pinDirectory
                let object = try minimalSpec().load()
                try expectNoDescriptors(20) {
                    let count: SockOpsProgram = try object.program("count")
                    let link = try count.attach(to: cgroup)
                    try link.pin(at: path)
                    try CgroupLink(pinnedAt: path).update(count)
                    try link.unpin(from: path)
                }
            }
        }

        @Test("a congestion control") func structOps() throws {
            try expectNoDescriptors(5) {
                var spec = try minimalSpec()
                spec[structOps: "bpftest"].name = "bpftleak\(getpid())"
                let object = try spec.load()
                let link = try object.structOps("bpftest").register()
                _ = link.isLinked
            }
        }

        @Test("what failed") func failures() throws {
            var broken = try minimalSpec()
            broken[map: "routes6"].type = MapType(rawValue: 200)
            let object = try minimalSpec().load()
            try expectNoDescriptors(20) {
                #expect(throws: BPFError.self) { _ = try broken.load() }
                #expect(throws: BPFError.self) { let _: ArrayMap<UInt64> = try object.map("connections") }
                #expect(throws: BPFError.self) { let _: XDPProgram = try object.program("count") }
                #expect(throws: BPFError.self) { let _: PerCPUArray<UInt8> = try object.map("calls") }
                #expect(throws: BPFError.self) { _ = try CgroupLink(pinnedAt: "/nowhere") }
                for feature in Feature.all { _ = feature.ask() }
            }
        }
    }
}
