// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Foundation
import TestSupport
import Testing

extension KernelTests {
    @Suite struct Neighbours {
        /// Counts calls by operation, and requests round-trip calls for itself.
        private static let counting = """
            var calls = ArrayMap<UInt64>(count: 32)

            @section("sockops")
            func counting(_ socket: SockOps) -> SockOps.Verdict {
                if let count = calls[socket.operation.rawValue & 31] { count.pointee &+= 1 }
                if socket.operation == .passiveEstablished { socket.request([.roundTrips, .stateChanges]) }
                return .proceed
            }
            """

        @Test("another sock_ops program on the same cgroup keeps working", arguments: [true, false])
        func sockOps(neighbourFirst: Bool) async throws {
            let (output, elf) = try Compiler.compile(Neighbours.counting)
            try #require(output.status == 0, "\(output.standardError)")
            try await TestBed.with { bed in
                let cgroup = try Cgroup(path: bed.cgroup)
                let object = try ObjectSpec(elf: try #require(elf), name: "counting").load()
                let program: SockOpsProgram = try object.program("counting")
                let calls: ArrayMap<UInt64> = try object.map("calls")
                if !neighbourFirst { try Handover.attach(to: cgroup, settings: .exact, pinDirectory: bed.pinDirectory) }
                let link = try program.attach(to: cgroup)
                if neighbourFirst { try Handover.attach(to: cgroup, settings: .exact, pinDirectory: bed.pinDirectory) }
                let probe = try TCPProbe(bed)
                defer {
                    probe.end()
                    _ = try? Handover.detach(pinDirectory: bed.pinDirectory)
                }
                let attached = Attached(bed: bed, probe: probe, handover: try Handover(pinDirectory: bed.pinDirectory))
                try probe.listen()
                try attached.save(cwnd: 400_000, ssthresh: 300_000)
                let server = try probe.connect().server
                #expect(server.cwnd == segments(400_000, mss: server.mss))
                _ = try probe.transfer(bytes: 5_000_000, from: "connection.server", to: "connection.client")
                let roundTrips = try calls.value(at: 12)
                #expect(roundTrips > 0)
                // It still gets its calls after our program no longer needs them.
                _ = try probe.transfer(bytes: 5_000_000, from: "connection.server", to: "connection.client")
                #expect(try calls.value(at: 12) > roundTrips)
                #expect(try calls.value(at: 5) == 1)
                #expect(try link.info().programID == program.info().id)
            }
        }
    }
}
