// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Glibc

/// What a thread computes, in user space and in the kernel: what else the machine does takes no part in it, but for
/// what it throws out of the caches.
enum CPUTime {
    /// For each of a number of equal things.
    static let each = BenchmarkMetric.custom("CPU time of each (ns)", useScalingFactor: false)

    /// Calls `body` and reports its time to the benchmark.
    ///
    /// - Parameter count: how many equal things it does.
    static func measure(_ benchmark: Benchmark, of count: Int, _ body: () throws -> Void) rethrows {
        let start = nanoseconds
        try body()
        benchmark.measurement(each, (nanoseconds - start) / count)
    }

    private static var nanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension [BenchmarkMetric: BenchmarkUnits] {
    /// Whole numbers, not thousands.
    static func counts(_ metrics: [BenchmarkMetric]) -> Self {
        Dictionary(metrics.map { ($0, .count) }, uniquingKeysWith: { first, _ in first })
    }
}
