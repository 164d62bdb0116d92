// SPDX-License-Identifier: Apache-2.0

/// A random sequence that is the same for the same seed: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
package struct RandomSequence: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - stream: selects a sequence of the seed: each direction of a path has one for its loss, another for its
    ///     jitter.
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

/// Draws each packet's additional delay: the same for the same seed.
///
/// One number is drawn for each packet, with or without jitter, as in `PacketLoss`. What is drawn is a fraction of the
/// longest jitter, not a time, so that a packet that is still in the queue when the path changes has the new jitter.
package struct Jitter: Sendable {
    private var numbers: RandomSequence

    /// - Parameter numbers: the random sequence that decides.
    package init(numbers: RandomSequence) {
        self.numbers = numbers
    }

    /// The next packet's fraction, of 2³².
    @inline(__always)
    package mutating func draw() -> UInt32 {
        UInt32(truncatingIfNeeded: numbers.next() >> 32)
    }

    /// A packet's jitter: 0…`longest` nanoseconds, every whole number equally likely.
    @inline(__always)
    package static func nanoseconds(at place: UInt32, longest: Int64) -> Int64 {
        let product = (UInt64(place) << 32).multipliedFullWidth(by: UInt64(longest) &+ 1)
        return Int64(product.high)
    }
}
