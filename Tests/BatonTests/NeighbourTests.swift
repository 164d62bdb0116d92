// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

extension KernelTests {
    @Suite struct Neighbours {
        /// Counts calls by operation, and asks for round trips for itself.
        private static let counting = """
            @section(".maps") @used nonisolated(unsafe) var calls: MapDefinition = (2, 4, 8, 32, 0)

            @c(counting) @section("sockops")
            public func counting(_ context: UnsafeMutablePointer<bpf_sock_ops>) -> Int32 {
                let socket = SockOps(context)
                if let count = KeyValueMap<UInt32, UInt64>(definition: &calls)[socket.operation & 31] {
                    count.pointee &+= 1
                }
                if socket.operation == SockOps.passiveEstablished { socket.callAtRoundTripsAndStateChanges() }
                return SockOps.proceed
            }
            """

        @Test("another sock_ops program on the same cgroup keeps working", arguments: [true, false])
        func sockOps(neighbourFirst: Bool) async throws {
            let (output, elf) = try Compiler.compile(Neighbours.counting)
            try #require(output.status == 0, "\(output.standardError)")
            try await TestBed.with { bed in
                let cgroup = try Cgroup(path: bed.cgroup)
                var object = try ObjectFile(try #require(elf), name: "counting")
                try object.load()
                let program = try object.programDescriptor("counting")
                let calls = try HashMap<UInt32, UInt64>(try object.mapDescriptor("calls"), name: "calls")
                if !neighbourFirst { try HandOver.attach(to: cgroup, pinDirectory: bed.pinDirectory) }
                let link = try CgroupLink(sockOps: program, to: cgroup)
                if neighbourFirst { try HandOver.attach(to: cgroup, pinDirectory: bed.pinDirectory) }
                let probe = try TCPProbe(bed)
                defer {
                    probe.end()
                    _ = try? HandOver.detach(pinDirectory: bed.pinDirectory)
                }
                let attached = Attached(bed: bed, probe: probe, handOver: try HandOver(pinDirectory: bed.pinDirectory))
                try probe.listen()
                try attached.save(cwnd: 400_000, ssthresh: 300_000)
                let server = try probe.connect().server
                #expect(server.cwnd == segments(400_000, mss: server.mss))
                _ = try probe.transfer(bytes: 5_000_000, from: "connection.server", to: "connection.client")
                let roundTrips = try calls.value(for: 12) ?? 0
                #expect(roundTrips > 0)
                // It still gets its calls after ours no longer needs them.
                _ = try probe.transfer(bytes: 5_000_000, from: "connection.server", to: "connection.client")
                #expect(try calls.value(for: 12) ?? 0 > roundTrips)
                #expect(try calls.value(for: 5) == 1)
                _ = try link.programID()
            }
        }
    }
}
