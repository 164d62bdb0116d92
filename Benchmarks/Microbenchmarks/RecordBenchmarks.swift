// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Benchmark

/// The cost of saving and looking up a record from user space. Each iteration is a thousand of them.
enum RecordBenchmarks {
    private static let endpoints = (0..<1000).map(RemoteEndpoint.init(number:))

    private static var configuration: Benchmark.Configuration {
        .init(
            metrics: [CPUTime.each, .wallClock], units: .counts([CPUTime.each]), warmupIterations: 10,
            scalingFactor: .kilo, maxDuration: .seconds(5), maxIterations: 2000)
    }

    static func register() {
        Benchmark(
            "save a record", configuration: configuration,
            closure: { (benchmark: Benchmark, handover: Handover) throws in
                let record = SavedParameters.example()
                benchmark.startMeasurement()
                try CPUTime.measure(benchmark, of: endpoints.count) {
                    for endpoint in endpoints { try handover.save(record, for: endpoint) }
                }
            }, setup: setUp, teardown: { try Handover.detach() })
        Benchmark(
            "save a record, in batches of 1000", configuration: configuration,
            closure: { (benchmark: Benchmark, handover: Handover) throws in
                let record = SavedParameters.example()
                benchmark.startMeasurement()
                try CPUTime.measure(benchmark, of: endpoints.count) {
                    try handover.saved.update(contentsOf: endpoints.lazy.map { (key: $0, value: record) })
                }
            }, setup: setUp, teardown: { try Handover.detach() })
        Benchmark(
            "save a record, from a connection's sample", configuration: configuration,
            closure: { (benchmark: Benchmark, recorder: SampleRecorder) throws in
                let samples = endpoints.enumerated().map { sample(of: UInt64($0.offset), at: $0.element) }
                benchmark.startMeasurement()
                try CPUTime.measure(benchmark, of: samples.count) {
                    for sample in samples { try recorder.record(sample) }
                }
            }, setup: { SampleRecorder(try setUp()) }, teardown: { try Handover.detach() })
        Benchmark(
            "look a record up", configuration: configuration,
            closure: { (benchmark: Benchmark, handover: Handover) throws in
                try CPUTime.measure(benchmark, of: endpoints.count) {
                    for endpoint in endpoints {
                        guard let record = try handover.saved.value(for: endpoint) else {
                            throw Failure("no record of \(endpoint), although it was saved")
                        }
                        blackHole(record)
                    }
                }
            },
            setup: {
                let handover = try setUp()
                for endpoint in endpoints { try handover.save(.example(), for: endpoint) }
                return handover
            }, teardown: { try Handover.detach() })
    }

    private static func setUp() throws -> Handover {
        try Isolation.demand()
        return try Handover.benchmarked(on: .temporary("records"))
    }

    /// A server's sample of a connection with a steady RTT.
    private static func sample(of connection: UInt64, at endpoint: RemoteEndpoint) -> QUICSample {
        QUICSample(
            connection: connection, endpoint: endpoint, cwndBytes: 400_000, ssthreshBytes: 300_000,
            carriedBytes: 380_000, latestRTTMicroseconds: 20_500, srttMicroseconds: 20_000, minRTTMicroseconds: 20_000,
            lastHeardAtNanoseconds: KernelClock.nowNanoseconds, state: .live)
    }
}
