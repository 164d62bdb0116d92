// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import TestSupport
import Testing

extension KernelTests {
    /// Which values of a QUIC connection's samples are saved.
    @Suite struct Recorder {
        private func sample(
            _ connection: UInt64 = 1, cwnd: UInt64, ssthresh: UInt64? = nil, state: QUICSample.State = .live,
            carried: UInt64 = 0, latestRTT: UInt32 = 0
        ) -> QUICSample {
            QUICSample(
                connection: connection, endpoint: RemoteEndpoint("10.77.0.2")!, cwndBytes: cwnd,
                ssthreshBytes: ssthresh,
                carriedBytes: carried, latestRTTMicroseconds: latestRTT, srttMicroseconds: 100_000,
                minRTTMicroseconds: 90_000,
                lastHeardAtNanoseconds: KernelClock.nowNanoseconds, state: state)
        }

        private func saved(_ attached: Attached) throws -> SavedParameters? {
            try attached.handover.saved.value(for: try attached.endpoint("10.77.0.2"))
        }

        @Test("a live sample is saved as it is")
        func live() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(cwnd: 400_000, ssthresh: 300_000))
                let record = try #require(try saved(attached))
                #expect(record.cwndBytes == 400_000)
                #expect(record.ssthreshBytes == 300_000)
                #expect(record.srttMicroseconds == 100_000)
                #expect(record.minRTTMicroseconds == 90_000)
                #expect(!record.hasFailed)
                #expect(record.generation != 0)
            }
        }

        @Test("a small or collapsed window never overwrites a good one")
        func collapsed() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(cwnd: 47_999))
                #expect(try saved(attached) == nil)
                try recorder.record(sample(cwnd: 400_000))
                let before = try #require(try saved(attached))
                try recorder.record(sample(cwnd: 2400, ssthresh: 2400))
                let after = try #require(try saved(attached))
                #expect(after.cwndBytes == 400_000)
                // The connection is alive: nobody may use its record, and the values keep their age.
                #expect(after.lastHeardAtNanoseconds > before.lastHeardAtNanoseconds)
                #expect(after.savedAtNanoseconds == before.savedAtNanoseconds)
            }
        }

        @Test("slow start's overshoot isn't saved: the record from before the queue grew stays")
        func overshoot() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(cwnd: 400_000, carried: 200_000, latestRTT: 91_000))
                let before = try #require(try saved(attached))
                try recorder.record(sample(cwnd: 1_600_000, carried: 600_000, latestRTT: 180_000))
                let record = try #require(try saved(attached))
                #expect(record.cwndBytes == 400_000)
                #expect(record.ssthreshBytes == SavedParameters.neverLost)
                #expect(record.lastHeardAtNanoseconds > before.lastHeardAtNanoseconds)
                // After the first loss: at most what the path was seen to carry.
                try recorder.record(sample(cwnd: 1_100_000, ssthresh: 1_050_000, carried: 900_000, latestRTT: 180_000))
                #expect(try saved(attached)?.cwndBytes == 900_000)
                #expect(try saved(attached)?.ssthreshBytes == 900_000)
                // Without a queue the window is saved as it is.
                try recorder.record(sample(cwnd: 1_100_000, ssthresh: 1_050_000, carried: 900_000, latestRTT: 93_000))
                #expect(try saved(attached)?.cwndBytes == 1_100_000)
            }
        }

        @Test("silence marks the record as failed and keeps its values; an answer removes the mark")
        func silence() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(cwnd: 400_000))
                try recorder.record(sample(cwnd: 2400, state: .silent))
                #expect(try saved(attached)?.hasFailed == true)
                #expect(try saved(attached)?.cwndBytes == 400_000)
                try recorder.record(sample(cwnd: 200_000))
                #expect(try saved(attached)?.hasFailed == false)
                #expect(try saved(attached)?.cwndBytes == 200_000)
            }
        }

        @Test("the record of a lost connection is marked as failed, that of a closed one isn't")
        func closes() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(1, cwnd: 400_000))
                try recorder.record(sample(1, cwnd: 400_000, state: .closed))
                #expect(try saved(attached)?.hasFailed == false)
                try recorder.record(sample(2, cwnd: 500_000))
                try recorder.record(sample(2, cwnd: 2400, state: .lost))
                #expect(try saved(attached)?.hasFailed == true)
                #expect(try saved(attached)?.cwndBytes == 500_000)
            }
        }

        @Test("a connection that fails doesn't mark the record of another one at the same address")
        func sameAddress() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(1, cwnd: 400_000))
                try recorder.record(sample(2, cwnd: 500_000))
                try recorder.record(sample(1, cwnd: 400_000, state: .lost))
                #expect(try saved(attached)?.cwndBytes == 500_000)
                #expect(try saved(attached)?.hasFailed == false)
            }
        }

        @Test("a deleted record stays deleted when its connection fails")
        func forgotten() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover)
                try recorder.record(sample(cwnd: 400_000))
                try attached.handover.forget(try attached.endpoint("10.77.0.2"))
                try recorder.record(sample(cwnd: 400_000, state: .lost))
                #expect(try saved(attached) == nil)
            }
        }

        @Test("--min-window decides which windows are saved, as in the kernel")
        func minimumWindow() async throws {
            for (minimum, window, isSaved) in [(UInt64(20_000), UInt64(20_000), true), (100_000, 99_999, false)] {
                var settings = Settings()
                settings.minimumWindowBytes = minimum
                try await Attached.with(settings) { attached in
                    let recorder = SampleRecorder(attached.handover)
                    try recorder.record(sample(cwnd: window))
                    #expect(try (saved(attached) != nil) == isSaved, "\(minimum)")
                }
            }
        }

        @Test("a caller that never reports a close costs no more than the capacity, and keeps the latest connections")
        func bounded() async throws {
            try await Attached.with { attached in
                let recorder = SampleRecorder(attached.handover, capacity: 16)
                for connection in 1...100 {
                    try recorder.record(sample(UInt64(connection), cwnd: 400_000))
                    #expect(recorder.connectionCount <= 16)
                }
                let generation = try #require(try saved(attached)).generation
                try recorder.record(sample(100, cwnd: 500_000))
                let kept = try #require(try saved(attached))
                #expect(kept.generation == generation)
                #expect(kept.cwndBytes == 500_000)
                // A forgotten connection starts a new generation.
                try recorder.record(sample(1, cwnd: 300_000))
                #expect(try #require(try saved(attached)).generation != generation)
            }
        }
    }
}
