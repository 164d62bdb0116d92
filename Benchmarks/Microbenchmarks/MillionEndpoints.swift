// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Benchmark

/// The cost of walking through all records if there are a million.
enum MillionEndpoints {
    private static let count = 1_000_000
    /// More than `count`: an LRU map evicts entries before it is full, because each CPU keeps a reserve of free
    /// entries.
    private static let capacity: UInt32 = 1 << 21

    private static var configuration: Benchmark.Configuration {
        .init(
            metrics: [CPUTime.each, .wallClock, .peakMemoryResident], timeUnits: .milliseconds,
            units: .counts([CPUTime.each]), warmupIterations: 1,
            maxDuration: .seconds(20), maxIterations: 15)
    }

    static func register() {
        Benchmark(
            "1,000,000 endpoints, one by one", configuration: configuration,
            closure: { (benchmark: Benchmark, handover: Handover) throws in
                var found = 0
                try CPUTime.measure(benchmark, of: count) {
                    try handover.saved.forEach { (_, _) throws(BPFError) in found += 1 }
                }
                try demandAll(found)
            }, setup: setUp, teardown: { try Handover.detach() })
        Benchmark(
            "1,000,000 endpoints, list", configuration: configuration,
            closure: { (benchmark: Benchmark, handover: Handover) throws in
                try CPUTime.measure(benchmark, of: count) { try demandAll(handover.list().count) }
            },
            setup: setUp, teardown: { try Handover.detach() })
        Benchmark(
            "1,000,000 endpoints, saved in batches of 1000", configuration: configuration,
            closure: { (benchmark: Benchmark, handover: Handover) throws in
                try CPUTime.measure(benchmark, of: count) { try fill(handover) }
            }, setup: setUp,
            teardown: { try Handover.detach() })
    }

    private static func setUp() throws -> Handover {
        try Isolation.demand()
        let handover = try Handover.benchmarked(on: .temporary("million"), capacity: capacity)
        try fill(handover)
        return handover
    }

    private static func fill(_ handover: Handover) throws {
        let record = SavedParameters.example()
        for start in stride(from: 0, to: count, by: 1000) {
            let numbers = (start..<start + 1000).lazy
            try handover.saved.update(contentsOf: numbers.map { (key: RemoteEndpoint(number: $0), value: record) })
        }
    }

    private static func demandAll(_ found: Int) throws {
        guard found == count else { throw Failure("\(found) records found, but \(count) expected") }
    }
}
