// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Numbers for tests that are the same each time: a linear congruential generator (Knuth's MMIX constants).
struct Generator {
    var state: UInt64

    /// 0…1, without 1.
    mutating func unit() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / 9_007_199_254_740_992
    }
}

func naturalLogarithm(_ value: Double) -> Double { log(value) }
