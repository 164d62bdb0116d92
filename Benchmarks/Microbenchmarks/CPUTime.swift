// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Glibc

/// The CPU time of a thread, in user space and in the kernel. Other processes don't count, except that they displace
/// the thread's data from the caches.
enum CPUTime {
    /// The time of one of several equal operations.
    static let each = BenchmarkMetric.custom("CPU time of each (ns)", useScalingFactor: false)

    /// Calls `body` and reports its time to the benchmark.
    ///
    /// - Parameter count: how many equal operations `body` does.
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
    /// Shows these metrics as whole numbers, not in thousands.
    static func counts(_ metrics: [BenchmarkMetric]) -> Self {
        Dictionary(metrics.map { ($0, .count) }, uniquingKeysWith: { first, _ in first })
    }
}
