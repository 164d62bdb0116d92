// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import HTTP3
import HTTP3Handover
import Logging
import NIOCore
import TestSupport
import Testing

/// An observer for `HTTP3Server` that saves what its connections know about their paths.
func observer(_ handover: Handover, logger: Logger) -> @Sendable (TransportSample) -> Void {
    let recorder = SampleRecorder(handover)
    return { sample in
        guard let sample = QUICSample(sample) else { return }
        do { try recorder.record(sample) } catch { logger.warning("saving a sample failed: \(error)") }
    }
}

@Suite(.kernel, .kernelTestsNeedRoot)
struct HandoverObserverTests {
    @Test func `samples become records, and silence marks them as failed`() async throws {
        try await TestBed.with { bed in
            var settings = Settings()
            settings.policy = .exact  // which all kernels offer
            try Handover.attach(to: try Cgroup(path: bed.cgroup), settings: settings, pinDirectory: bed.pinDirectory)
            defer { _ = try? Handover.detach(pinDirectory: bed.pinDirectory) }
            let handover = try Handover(pinDirectory: bed.pinDirectory)
            let observer = observer(handover, logger: Logger(label: "test"))
            let endpoint = try #require(RemoteEndpoint("192.0.2.7"))

            observer(try transportSample())
            var record = try #require(try handover.saved.value(for: endpoint))
            #expect(record.cwndBytes == 400_000)
            #expect(record.ssthreshBytes == 300_000)
            #expect(record.srttMicroseconds == 100_000)
            #expect(!record.hasFailed)

            observer(try transportSample(state: .silent(probeTimeouts: 2)))
            record = try #require(try handover.saved.value(for: endpoint))
            #expect(record.cwndBytes == 400_000)
            #expect(record.hasFailed)
        }
    }
}
