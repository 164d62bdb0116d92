// SPDX-License-Identifier: Apache-2.0

/// Random loss that is the same for the same seed: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), one number a packet.
package struct RandomLoss: Sendable {
    private var state: UInt64
    private let threshold: UInt64

    /// - Parameters:
    ///   - probability: share of packets to lose, 0…1, to a precision of 2⁻³².
    ///   - seed: the run's seed.
    ///   - stream: which sequence of the seed; the two directions of a path take different ones.
    package init(probability: Double, seed: UInt64, stream: UInt64) {
        threshold = UInt64((probability * 4_294_967_296).rounded())
        state = seed &+ stream &* 0xD1B5_4A32_D192_ED03
    }

    /// Whether the next packet is lost. A line without loss draws no number.
    package mutating func losesNext() -> Bool {
        guard threshold > 0 else { return false }
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return mixed & 0xFFFF_FFFF < threshold
    }
}
