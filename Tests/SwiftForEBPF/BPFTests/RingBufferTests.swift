// SPDX-License-Identifier: Apache-2.0

import BPF
import BPFTestPrograms
import BPFTestProgramsShared
import Foundation
import TestSupport
import Testing

extension BPFTests {
    @Suite("Records of a ring buffer, made by real connections", .kernel) struct RingBufferTests {
        @Test("read with patience, and as they come") func reading() async throws {
            try await TestBed.with { bed in
                let object = try minimalSpec().load()
                let events: RingBuffer<Sample> = try object.map("events")
                let program: SockOpsProgram = try object.program("count")
                let link = try program.attach(to: try Cgroup(path: bed.cgroup))
                defer { _ = link }
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                try probe.listen()

                #expect(try events.read(timeoutMilliseconds: 0).isEmpty)
                _ = try probe.connect()
                let sample = try #require(try events.read(timeoutMilliseconds: Patience.milliseconds).first)
                #expect(sample.isPassive)
                #expect(sample.peer == IPv6Address(mapping: IPv4Address(10, 77, 0, 2)))

                let reader = Task {
                    var peers: [IPv6Address] = []
                    for try await sample in events.records {
                        peers.append(sample.peer)
                        if peers.count == 3 { break }
                    }
                    return peers
                }
                for number in 3...5 { _ = try probe.connect("c\(number)", from: "10.77.0.\(number)") }
                let expected = (3...5).map { IPv6Address(mapping: IPv4Address(10, 77, 0, $0)) }
                #expect(try await reader.value == expected)
                #expect(events.unreadableRecordCount == 0)
            }
        }

        @Test("what has no room is counted by the program") func full() async throws {
            try await TestBed.with { bed in
                let object = try minimalSpec().load()
                let events: RingBuffer<Sample> = try object.map("events")
                let lost: ArrayMap<UInt64> = try object.map("lost")
                let program: SockOpsProgram = try object.program("count")
                let link = try program.attach(to: try Cgroup(path: bed.cgroup))
                defer { _ = link }
                let probe = try TCPProbe(bed)
                defer { probe.end() }
                try probe.listen()
                // A record takes 40 bytes of 4096.
                _ = try probe.churn(count: 120)
                let count = try events.read(timeoutMilliseconds: 0).count
                #expect(count > 50)
                #expect(try lost.value(at: 0) == UInt64(120 - count))
            }
        }

        @Test("a cancelled task ends the sequence") func cancelled() async throws {
            let object = try minimalSpec().load()
            let events: RingBuffer<Sample> = try object.map("events")
            let records = events.records
            let reader = Task {
                var count = 0
                for try await _ in records { count += 1 }
                return count
            }
            try await Task.sleep(for: .milliseconds(50))
            reader.cancel()
            #expect(try await reader.value == 0)
        }
    }
}
