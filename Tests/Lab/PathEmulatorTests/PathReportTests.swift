// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import PathEmulator
import Testing

@Suite struct PathReportTests {
    private func report(stall: Int64 = 0, _ change: (inout DirectionReport) -> Void = { _ in }) -> PathReport {
        var direction = DirectionReport()
        change(&direction)
        return PathReport(
            elapsedNanoseconds: 1, forward: DirectionReport(), backward: direction, maxStallNanoseconds: stall)
    }

    @Test("what the emulator failed at spoils a run, what it emulates does not")
    func spoiled() {
        #expect(!report().spoiled)
        #expect(
            !report {
                $0.queueDrops = 9; $0.randomDrops = 9; $0.maxLatenessNanoseconds = 4_999_999
            }.spoiled)
        #expect(report { $0.maxLatenessNanoseconds = 5_000_000 }.spoiled)
        #expect(report(stall: 5_000_000).spoiled)
        #expect(report { $0.ringDrops = 1 }.spoiled)
        #expect(report { $0.writeErrors = 1 }.spoiled)
        #expect(report { $0.deviceDrops = 1 }.spoiled)
    }

    @Test("it comes back from JSON as it was, with units in the names")
    func coding() throws {
        let before = report(stall: 3) {
            $0.packets = 7; $0.maxBacklogBytes = 1500; $0.maxQueueDelayNanoseconds = 9; $0.randomDropIndexes = [4, 11]
        }
        let data = try JSONEncoder().encode(before)
        #expect(try JSONDecoder().decode(PathReport.self, from: data) == before)
        let text = String(decoding: data, as: UTF8.self)
        for key in [
            "\"schema\":1", "\"max_backlog_bytes\":1500", "\"max_stall_ns\":3", "\"queue_drop_packets\":0",
            "\"stage\":0", "\"average_queue_delay_ns\":0", "\"max_queue_delay_ns\":9", "\"random_drop_indexes\":[4,11]",
        ] {
            #expect(text.contains(key))
        }
    }

    @Test("transmit drops are read from the right column of the right device")
    func deviceStatistics() {
        let table = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls
                lo:       1       2    3    4    5     6          7         8        9      10   11   12   13    14
            path0: 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
            """
        #expect(DeviceStatistics.transmitDrops(of: "path0", in: table) == 32)
        #expect(DeviceStatistics.transmitDrops(of: "lo", in: table) == 12)
        #expect(DeviceStatistics.transmitDrops(of: "path", in: table) == nil)
    }
}
