// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import BPFTestProgramsShared
import Foundation
import TestSupport
import Testing

extension BPFTests {
    @Suite("Nothing is left of what goes out of scope", .kernel) struct NoLeakTests {
        /// Descriptors of this process, with what they stand for; not those of the directory that is read for it.
        private func descriptors() throws -> Set<String> {
            let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            return Set(
                numbers.compactMap { number in
                    let path = "/proc/self/fd/\(number)"
                    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
                        return nil
                    }
                    return target.hasPrefix("/proc/") ? nil : "\(number): \(target)"
                })
        }

        /// Expects that no descriptor of `body` is left, and none of the programs, maps and links that it held when it called
        /// its argument.
        private func expectNothingLeft(_ rounds: Int, _ body: (() throws -> Void) throws -> Void) throws {
            try body {}
            let (before, held) = (try descriptors(), try KernelObjects.heldHere())
            var made = KernelObjects()
            for _ in 0..<rounds { try body { made.formUnion(try KernelObjects.heldHere()) } }
            // What came before may still be closing descriptors of its own, so only new ones count.
            _ = try Patience.until { try descriptors().isSubset(of: before) }
            let more = try descriptors().subtracting(before)
            #expect(more.isEmpty)
            let left = made.subtracting(held).left()
            #expect(left.isEmpty, "\(left)")
        }

        @Test("objects with all their handles") func handles() throws {
            try expectNothingLeft(20) { look in
                let object = try minimalSpec().load()
                let events: RingBuffer<Sample> = try object.map("events")
                _ = try events.read(timeoutMilliseconds: 0)
                let map: HashMap<IPv4Address, UInt64> = try object.map("connections")
                _ = try map.entries()
                let program: XDPProgram = try object.program("route")
                _ = try program.info()
                let variable = try object.structOps("bpftest")
                _ = try variable.info()
                try look()
            }
        }

        @Test("links, of a cgroup made for it") func links() async throws {
            try await TestBed.with { bed in
                let cgroup = try Cgroup(path: bed.cgroup)
                let path = bed.pinDirectory
                let object = try minimalSpec().load()
                try expectNothingLeft(20) { look in
                    let count: SockOpsProgram = try object.program("count")
                    let link = try count.attach(to: cgroup)
                    try link.pin(at: path)
                    try CgroupLink(pinnedAt: path).update(count)
                    try look()
                    try link.unpin(from: path)
                }
            }
        }

        @Test("a congestion control") func structOps() throws {
            try expectNothingLeft(5) { look in
                var spec = try minimalSpec()
                spec[structOps: "bpftest"].name = "bpftleak\(getpid())"
                let object = try spec.load()
                let link = try object.structOps("bpftest").register()
                _ = link.isLinked
                try look()
            }
        }

        @Test("what failed") func failures() throws {
            var broken = try minimalSpec()
            broken[map: "routes6"].type = MapType(rawValue: 200)
            let object = try minimalSpec().load()
            try expectNothingLeft(20) { _ in
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
