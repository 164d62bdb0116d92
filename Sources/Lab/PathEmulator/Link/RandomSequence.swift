// SPDX-License-Identifier: Apache-2.0

/// Numbers that are the same for the same seed: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
package struct RandomSequence: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - stream: which sequence of the seed: each direction of a path takes one for its losses, another for its jitter.
    package init(seed: UInt64, stream: UInt64 = 0) {
        state = seed &+ stream &* 0xD1B5_4A32_D192_ED03
    }

    /// The next number; all 64-bit numbers are equally likely.
    @inline(__always)
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
