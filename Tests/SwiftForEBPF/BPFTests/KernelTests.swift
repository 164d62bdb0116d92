// SPDX-License-Identifier: Apache-2.0

import BPF
import Foundation
import Synchronization
import TestSupport
import Testing

extension BPFTests {
    @Suite("What the kernel and the machine have") struct KernelTests {
        // MARK: Probes

        @Test("a probe agrees with the kernel's version, both ways", .kernel, arguments: Feature.all)
        func minimumKernel(feature: Feature) throws {
            switch feature.probe() {
            case .yes: #expect(isKernel(atLeast: feature.minimumKernel))
            // A kernel may be built without it.
            case .no: #expect(!isKernel(atLeast: feature.minimumKernel) || feature.option != nil)
            // Some machines forbid it even to root.
            case .unknown(let reason): #expect(feature.name == "tracing" && reason.contains("not permitted"))
            }
        }

        @Test("only a sure answer is kept") func caching() {
            let asked = Atomic<Int>(0)
            let answer = Mutex(Answer.unknown("not now"))
            let feature = Feature("test_\(UUID())", "tests", minimumKernel: "9.9", option: "CONFIG_X=y") {
                asked.add(1, ordering: .relaxed)
                return answer.withLock { $0 }
            }
            #expect(feature.probe() == .unknown("not now"))
            answer.withLock { $0 = .no }
            #expect(feature.probe() == .no)
            answer.withLock { $0 = .yes }
            #expect(feature.probe() == .no)
            #expect(asked.load(ordering: .relaxed) == 2)
            let error = #expect(throws: BPFError.self) { try feature.demand("testing") }
            #expect(error?.code == .unsupported)
            #expect(error?.remedy == "use Linux 9.9 or newer, built with CONFIG_X=y")
        }

        @Test("without rights a probe can't tell", .kernel) func unknown() throws {
            let answer = try OwnThread.runWithoutCapabilities {
                Feature("test_\(UUID())", "tests", minimumKernel: "5.8", ask: { Probe.mapType(.ringBuffer) }).probe()
            }
            guard case .unknown = answer else {
                Issue.record("\(answer)")
                return
            }
        }

        @Test("a map type that no kernel has", .kernel) func noMapType() {
            #expect(Feature.mapType(MapType(rawValue: 300)).probe() == .no)
        }

        // MARK: Preflight

        @Test(.kernel) func preflight() async throws {
            try await TestBPFFS.with { root in
                let preflight = Preflight([
                    .capabilities, .cgroup2, .bpffs(root + "/x"), .feature(.btf), .feature(.sockOps),
                    .helpful(.structOpsLinks),
                ])
                #expect(
                    preflight.items.map(\.name) == [
                        "capabilities", "cgroup2", "bpffs", "btf", "sock_ops", "struct_ops_link",
                    ])
                #expect(preflight.items.map(\.isRequired) == [true, true, true, true, true, false])
                #expect(preflight.firstMissing == nil)
                try preflight.demand("testing")
            }
        }

        @Test("names what is missing, and how to get it") func missing() {
            let feature = Feature("test_\(UUID())", "tests", minimumKernel: "9.9") { .no }
            var preflight = Preflight([.helpful(feature), .bpffs("/tmp/x")])
            #expect(preflight.firstMissing?.name == "bpffs")
            let error = #expect(throws: BPFError.self) { try preflight.demand("testing") }
            #expect(error?.code == .unsupported)
            #expect(error?.description == "testing: /tmp/x is not on a bpffs (mount -t bpf -o mode=700 bpf /tmp/x)")
            preflight = Preflight([.feature(feature)])
            #expect(preflight.firstMissing?.remedy == "use Linux 9.9 or newer")
        }

        @Test(.kernel) func capabilities() throws {
            let error = try OwnThread.runWithoutCapabilities {
                #expect(throws: BPFError.self) { try Capabilities.demand("testing") }
            }
            #expect(error?.code == .permission)
            #expect(error?.reason == "CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF missing")
        }

        @Test func capabilityText() {
            #expect(Capabilities.missing(inStatus: "Name:\tx\nCapEff:\t000001ffffffffff\n") == [])
            // CAP_SYS_ADMIN and CAP_NET_ADMIN alone.
            #expect(Capabilities.missing(inStatus: "CapEff:\t0000000000201000\n") == [])
            #expect(Capabilities.missing(inStatus: "CapEff:\t000000c000000000\n") == ["CAP_NET_ADMIN"])
            #expect(Capabilities.missing(inStatus: "garbage") == nil)
        }

        // MARK: Types

        @Test(.kernel) func btf() throws {
            let kernel = try BTF.kernel()
            #expect(kernel.count > 10_000)
            #expect(kernel.hasStructure("tcp_sock"))
            #expect(!kernel.hasStructure("tcp_sock_of_another_planet"))
            #expect(kernel.hasFunction("tcp_reno_ssthresh"))
            #expect(kernel.offset(of: "inet_conn", in: "tcp_sock") == 0)
            #expect(kernel.offset(of: "snd_cwnd", in: "tcp_sock").map { $0 > 0 } == true)
            #expect(kernel.offset(of: "nothing", in: "tcp_sock") == nil)
            let number = try #require(kernel.number(of: "in6_addr", .structure))
            #expect(kernel.size(of: number) == 16)
            #expect(kernel.members(of: number).map(\.name) == ["in6_u"])
        }

        // MARK: Mounts

        @Test func findsCgroup2() {
            let text = """
                22 1 0:20 / /sys rw - sysfs sysfs rw
                30 22 0:26 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755
                31 30 0:27 / /sys/fs/cgroup/with\\040blank rw shared:10 - cgroup2 cgroup2 rw
                """
            #expect(Mounts.mountPoint(ofType: "cgroup2", mountinfo: text) == "/sys/fs/cgroup/with blank")
            #expect(Mounts.mountPoint(ofType: "bpf", mountinfo: text) == nil)
            #expect(Mounts.mountPoint(ofType: "cgroup2", mountinfo: "garbage - \n- cgroup2") == nil)
        }

        @Test func notOnBPFFS() { #expect(!Mounts.isOnBPFFS("/proc/self")) }

        // MARK: Addresses

        @Test func addresses() throws {
            #expect("\(IPv4Address(192, 0, 2, 1))" == "192.0.2.1")
            #expect(IPv4Address("192.0.2.1") == IPv4Address(192, 0, 2, 1))
            #expect(IPv4Address("192.0.2") == nil)
            let address = try #require(IPv6Address("2001:db8::1"))
            #expect("\(address)" == "2001:db8::1")
            #expect("\(Prefix(address, bitCount: 32))" == "2001:db8::1/32")
            #expect(IPv6Address("::ffff:192.0.2.1")?.mappedIPv4 == IPv4Address(192, 0, 2, 1))
            #expect(address.mappedIPv4 == nil)
            #expect(Prefix(of: address).bitCount == 128)
            #expect(MemoryLayout<Prefix<IPv6Address>>.size == 20)
            #expect(MemoryLayout<Prefix<IPv4Address>>.size == 8)
        }
    }
}
