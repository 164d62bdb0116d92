// SPDX-License-Identifier: Apache-2.0

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
