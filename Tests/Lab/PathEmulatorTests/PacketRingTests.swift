// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

@Suite struct PacketRingTests {
    /// A packet whose content follows from its number.
    private static func put(_ number: Int, bytes: Int, in ring: inout PacketRing) -> Bool {
        guard let room = ring.reserve() else { return false }
        for index in 0..<bytes {
            room.storeBytes(of: UInt8(truncatingIfNeeded: number &* 31 &+ index), toByteOffset: index, as: UInt8.self)
        }
        ring.commit(PacketHeader(due: Int64(number), left: 0, arrived: 0, bytes: bytes, jitter: 0))
        return true
    }

    private static func take(_ number: Int, bytes: Int, from ring: inout PacketRing) -> Bool {
        guard ring.firstHeader?.due == Int64(number), ring.first.count == bytes else { return false }
        for (index, byte) in ring.first.enumerated() where byte != UInt8(truncatingIfNeeded: number &* 31 &+ index) {
            return false
        }
        ring.removeFirst()
        return true
    }

    @Test("packets of every size come out as they went in, many times around")
    func order() {
        var ring = PacketRing(bytesInFlight: 100_000)
        var generator = RandomSequence(seed: 3, stream: 1)
        let sizes = [1, 20, 40, 52, 1300, 1500, 1499, 9000, 65_535]
        var (written, read) = (0, 0)
        while read < 4_000 {
            if generator.next() % 2 == 0, Self.put(written, bytes: sizes[written % sizes.count], in: &ring) {
                written += 1
            } else if read < written {
                #expect(Self.take(read, bytes: sizes[read % sizes.count], from: &ring))
                read += 1
            }
            #expect(ring.count == written - read)
        }
    }

    @Test("it holds what it was made for, in large packets and in the smallest", arguments: [40, 52, 1500])
    func capacity(bytes: Int) {
        let inFlight = 1_000_000
        var ring = PacketRing(bytesInFlight: inFlight)
        for number in 0..<(inFlight / bytes) {
            #expect(Self.put(number, bytes: bytes, in: &ring))
        }
    }

    @Test("a full ring refuses, and loses nothing")
    func full() {
        var ring = PacketRing(bytesInFlight: 50_000)
        var written = 0
        while Self.put(written, bytes: 1500, in: &ring) {
            written += 1
        }
        for number in 0..<written {
            #expect(Self.take(number, bytes: 1500, from: &ring))
        }
        #expect(ring.firstHeader == nil)
    }

    @Test("headers are shown from the oldest to the newest, around the end too, and keep what is written")
    func headers() {
        var ring = PacketRing(bytesInFlight: 20_000)
        var (written, read) = (0, 0)
        while Self.put(written, bytes: 1500, in: &ring) {
            written += 1
        }
        for _ in 0..<100 {
            ring.removeFirst()
            read += 1
            while Self.put(written, bytes: 1200, in: &ring) {
                written += 1
            }
        }
        var seen = read
        ring.updateHeaders {
            #expect($0.due == Int64(seen))
            $0.due += 1000
            seen += 1
        }
        #expect(seen == written)
        while let header = ring.firstHeader {
            #expect(header.due == Int64(read + 1000))
            ring.removeFirst()
            read += 1
        }
        ring.removeAll()
        #expect(Self.put(7, bytes: 40, in: &ring) && Self.take(7, bytes: 40, from: &ring))
    }
}
