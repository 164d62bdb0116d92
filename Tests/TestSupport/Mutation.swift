// SPDX-License-Identifier: Apache-2.0

/// Damages bytes as chance would, and the same way again for the same seed.
package struct Mutation {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// 0 … `count` - 1.
    package mutating func number(below count: Int) -> Int { count <= 1 ? 0 : Int(next() % UInt64(count)) }

    /// What breaks readers: the ends of ranges, and what is just beyond them.
    private static let numbers: [UInt64] = [
        0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff,
        0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff,
    ]

    /// A damaged copy.
    ///
    /// - Parameter places: where damage tells most, such as headers; half of it goes there.
    package mutating func damage(_ bytes: [UInt8], places: [Range<Int>] = []) -> [UInt8] {
        var bytes = bytes
        for _ in 0...number(below: 6) {
            guard !bytes.isEmpty else { return bytes }
            var place = number(below: bytes.count)
            if !places.isEmpty, next() & 1 == 0 {
                let range = places[number(below: places.count)].clamped(to: 0..<bytes.count)
                if !range.isEmpty { place = range.lowerBound + number(below: range.count) }
            }
            switch number(below: 8) {
            case 0: bytes[place] ^= 1 << UInt8(number(below: 8))
            case 1: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 2: write(Mutation.numbers[number(below: Mutation.numbers.count)], 4, at: place & ~3, in: &bytes)
            case 3: write(Mutation.numbers[number(below: Mutation.numbers.count)], 8, at: place & ~7, in: &bytes)
            case 4: write(UInt64(number(below: 2 * bytes.count)), 4, at: place & ~3, in: &bytes)
            case 5: write(UInt64(number(below: 64)), 4, at: place & ~3, in: &bytes)
            case 6:
                let source = number(below: bytes.count)
                for offset in 0..<min(1 + number(below: 64), bytes.count - max(place, source)) {
                    bytes[place + offset] = bytes[source + offset]
                }
            default: if number(below: 4) == 0 { bytes.removeLast(bytes.count - place) }
            }
        }
        return bytes
    }

    private func write(_ number: UInt64, _ size: Int, at place: Int, in bytes: inout [UInt8]) {
        for offset in 0..<min(size, bytes.count - place) {
            bytes[place + offset] = UInt8(truncatingIfNeeded: number >> UInt64(8 * offset))
        }
    }
}
