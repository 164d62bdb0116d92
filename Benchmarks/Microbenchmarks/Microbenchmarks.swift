// SPDX-License-Identifier: Apache-2.0

import Benchmark

let benchmarks: @Sendable () -> Void = {
    HookCost.register()
    RecordBenchmarks.register()
    MillionEndpoints.register()
    KernelMemory.register()
}
