// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import BPFTestProgramsShared
import Foundation
import TestSupport
import Testing

extension BPFTests {
    @Suite("Programs, attached to what is the test's own", .kernel) struct ProgramTests {
        @Test("the generated object does all of it") func skeleton() async throws {
            try await TestBed.with { bed in
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                try probe.listen()
                let counts = try Skeleton.use(on: try Cgroup(path: bed.cgroup)) {
                    #expect(throws: Never.self) {
                        _ = try probe.connect()
                        try probe.close()
                    }
                }
                #expect(counts == [IPv4Address(10, 77, 0, 2): 1])
            }
        }

        @Test("sock_ops: counts a cgroup's connections, is replaced in place and detached by dropping its link")
        func sockOps() async throws {
            try await TestBed.with { bed in
                let object = try minimalSpec().load()
                let count: SockOpsProgram = try object.program("count")
                let ignore: SockOpsProgram = try object.program("ignore")
                let connections: HashMap<IPv4Address, UInt64> = try object.map("connections")
                let cgroup = try Cgroup(path: bed.cgroup)
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                try probe.listen()
                func connect() throws -> UInt64 {
                    _ = try probe.connect()
                    try probe.close()
                    return try connections.take(IPv4Address(10, 77, 0, 2)) ?? 0
                }

                do {
                    let link = try count.attach(to: cgroup)
                    #expect(try connect() == 1)
                    #expect(try link.cgroupID() == cgroup.id)
                    #expect(try link.info().type == .cgroup)
                    #expect(try link.info().programID == count.info().id)
                    try link.update(ignore)
                    #expect(try link.info().programID == ignore.info().id)
                    #expect(try connect() == 0)
                    try link.update(count)
                    #expect(try connect() == 1)
                }
                #expect(try connect() == 0)
            }
        }

        @Test("a pinned link outlives its handle, and ends with its pin") func pinnedLink() async throws {
            try await TestBed.with { bed in
                let object = try minimalSpec().load()
                let count: SockOpsProgram = try object.program("count")
                let cgroup = try Cgroup(path: bed.cgroup)
                let pins = (bed.pinDirectory, bed.pinDirectory + "_2")
                let id: UInt32
                do {
                    let link = try count.attach(to: cgroup)
                    try link.pin(at: pins.0)
                    id = try link.info().id
                }
                #expect(LinkInfo.exists(id))
                do {
                    let link = try CgroupLink(pinnedAt: pins.0)
                    #expect(try link.info().id == id)
                    // Not another one's pin.
                    let other = try count.attach(to: cgroup)
                    try other.pin(at: pins.1)
                    let error = #expect(throws: BPFError.self) { try link.unpin(from: pins.1) }
                    #expect(error?.code == .mismatch)
                    try other.unpin(from: pins.1)
                    try link.unpin(from: pins.0)
                    #expect(!Pin.exists(pins.0))
                    #expect(LinkInfo.exists(id))
                }
                #expect(Patience.until { !LinkInfo.exists(id) })
                let error = #expect(throws: BPFError.self) { _ = try XDPLink(pinnedAt: pins.0) }
                #expect(error?.code == .notFound)
            }
        }

        @Test("a detached link stays, and holds nothing") func detach() async throws {
            try await TestBed.with { bed in
                let object = try minimalSpec().load()
                let count: SockOpsProgram = try object.program("count")
                let link = try count.attach(to: try Cgroup(path: bed.cgroup))
                try link.detach()
                #expect(try link.cgroupID() == 0)
                #expect(throws: BPFError.self) { try link.update(count) }
            }
        }

        @Test("cgroup_skb: counts and drops a cgroup's packets") func cgroupSKB() async throws {
            try await TestBed.with { bed in
                let object = try minimalSpec().load()
                let filter: CgroupSKBProgram = try object.program("filter")
                let packets: PerCPUHashMap<UInt32, UInt64> = try object.map("packets")
                let settings: ArrayMap<FilterSettings> = try object.map("settings")
                let cgroup = try Cgroup(path: bed.cgroup)
                let link = try filter.attach(to: cgroup)
                /// Sends a packet from within the cgroup.
                func send() throws -> Machine.Output {
                    try Machine.run([
                        "sh", "-c",
                        """
                        echo $$ > \(bed.cgroup)/cgroup.procs
                        exec nsenter --net=/run/netns/\(bed.serverNamespace) python3 -c \
                            'from socket import *; socket(AF_INET, SOCK_DGRAM).sendto(b"x", ("10.77.0.2", 9))'
                        """,
                    ])
                }
                #expect(try send().status == 0)
                #expect(try packets.entries().reduce(0) { $0 + $1.values.reduce(0, +) } == 1)
                try settings.update(FilterSettings(dropsAll: true, code: 0), at: 0)
                #expect(try send().standardError.contains("Operation not permitted"))
                try link.update(filter)

                #expect(throws: BPFError.self) { _ = try filter.attach(to: cgroup, direction: .ingress) }
                let path = bed.pinDirectory
                try filter.pin(at: path)
                let pinned = try CgroupSKBProgram(pinnedAt: path)
                let error = #expect(throws: BPFError.self) { _ = try pinned.attach(to: cgroup) }
                #expect(error?.remedy == "give a direction")
                _ = try pinned.attach(to: cgroup, direction: .egress)
            }
        }

        @Test("XDP: run on packets, then attached to an interface and replaced there") func xdp() async throws {
            let object = try minimalSpec().load()
            let route: XDPProgram = try object.program("route")
            let routes: LPMTrie<IPv4Address, UInt32> = try object.map("routes")
            try routes.update(1, for: Prefix(IPv4Address(10, 0, 0, 0), bitCount: 8))
            try routes.update(2, for: Prefix(IPv4Address(10, 7, 0, 0), bitCount: 16))
            func packet(from source: [UInt8]) -> [UInt8] {
                Array(repeating: 0, count: 12) + [0x08, 0x00, 0x45] + Array(repeating: 0, count: 11) + source
                    + Array(repeating: 0, count: 30)
            }
            #expect(try route.run(on: packet(from: [10, 0, 0, 1])).verdict == .drop)
            #expect(try route.run(on: packet(from: [10, 7, 0, 1])).verdict == .pass)
            #expect(try route.run(on: packet(from: [192, 0, 2, 1])).verdict == .pass)
            #expect(try route.run(on: Array(repeating: 0, count: 60)).packet.count == 60)

            try await TestBed.with { bed in
                let pin = bed.pinDirectory
                try OwnThread.run(inNamespace: bed.serverNamespace) {
                    let object = try minimalSpec().load()
                    let route: XDPProgram = try object.program("route")
                    let drain: XDPProgram = try object.program("drain")
                    let interface = try NetworkInterface(name: "v0")
                    let link = try route.attach(to: interface, mode: .generic)
                    #expect(try link.interfaceIndex() == interface.index)
                    let busy = #expect(throws: BPFError.self) { _ = try route.attach(to: interface, mode: .generic) }
                    #expect(busy?.remedy?.contains("bpftool net") == true)
                    try link.update(drain)
                    #expect(try link.info().programID == drain.info().id)
                    try link.pin(at: pin)
                    #expect(try XDPLink(pinnedAt: pin).info().id == link.info().id)
                    let error = #expect(throws: BPFError.self) { _ = try CgroupLink(pinnedAt: pin) }
                    #expect(error?.code == .mismatch)
                    try link.unpin(from: pin)
                }
            }
        }

        @Test("constants are what the spec says when it is loaded") func constants() throws {
            var spec = try minimalSpec()
            try spec.setConstant("step", to: 7 as UInt32)
            let object = try spec.load()
            let pending: Queue<UInt64> = try object.map("pending")
            let drain: XDPProgram = try object.program("drain")
            try pending.push(1)
            #expect(try drain.run(on: Array(repeating: 0, count: 60)).verdict == .transmit)
            #expect(try pending.pop() == 8)
            #expect(throws: BPFError.self) { try spec.setConstant("step", to: 7 as UInt64) }
            #expect(throws: BPFError.self) { try spec.setConstant("none", to: 7 as UInt32) }
        }

        @Test("raw tracepoint: sees this process's system calls") func rawTracepoint() throws {
            var spec = try minimalSpec(with: ["traceCalls"])
            try spec.setConstant("tracedProcess", to: UInt32(getpid()))
            let object = try spec.load()
            let program: RawTracepointProgram = try object.program("traceCalls")
            let calls: PerCPUArray<UInt64> = try object.map("calls")
            do {
                let link = try program.attach()
                #expect(try link.info().type == .rawTracepoint)
                for _ in 0..<100 { _ = getppid() }
            }
            #expect(try calls.sum(at: 31) >= 100)
            // It is detached, so that sooner or later no more calls are counted.
            let isOver = try Patience.until {
                let count = try calls.sum(at: 31)
                for _ in 0..<100 { _ = getppid() }
                return try calls.sum(at: 31) == count
            }
            #expect(isOver)
        }

        @Test("tracing: a function of the kernel, where the kernel can") func tracing() throws {
            guard Feature.tracing.probe() == .yes else { return }
            let object = try minimalSpec(with: ["traceFunction"]).load()
            let program: TracingProgram = try object.program("traceFunction")
            let link = try program.attach()
            #expect(try link.info().type == .tracing)
        }
    }
}
