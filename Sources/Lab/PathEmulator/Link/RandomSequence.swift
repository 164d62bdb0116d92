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

/// Draws how far each packet's delay exceeds the shortest: the same for the same seed.
///
/// One number is drawn for each packet, jitter or not, as with `PacketLoss`. What is drawn is a place between 0 and the
/// longest, not a time, so that a packet that has not left the queue when the path changes takes the new jitter.
package struct Jitter: Sendable {
    private var numbers: RandomSequence

    /// - Parameter numbers: the sequence that decides.
    package init(numbers: RandomSequence) {
        self.numbers = numbers
    }

    /// The next packet's place.
    @inline(__always)
    package mutating func draw() -> UInt32 {
        UInt32(truncatingIfNeeded: numbers.next() >> 32)
    }

    /// What a packet's place comes to: 0…`longest` nanoseconds, each whole number as likely as the others.
    @inline(__always)
    package static func nanoseconds(at place: UInt32, longest: Int64) -> Int64 {
        let product = (UInt64(place) << 32).multipliedFullWidth(by: UInt64(longest) &+ 1)
        return Int64(product.high)
    }
}
