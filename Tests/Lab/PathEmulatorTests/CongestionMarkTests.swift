// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Testing

/// Congestion Experienced (RFC 3168), set in packets by their numbers.
@Suite struct CongestionMarkTests {
    /// An IPv4 header without options, with its checksum, and 20 bytes more.
    private func ipv4(trafficClass: UInt8, identification: UInt16 = 7) -> [UInt8] {
        var packet: [UInt8] = [
            0x45, trafficClass, 0, 40, UInt8(identification >> 8), UInt8(identification & 0xFF), 0x40,
        ]
        packet += [0, 64, 6, 0, 0, 10, 77, 0, 1, 10, 77, 0, 2]
        let sum = Self.sum(packet)
        (packet[10], packet[11]) = (UInt8(~sum >> 8), UInt8(~sum & 0xFF))
        return packet + [UInt8](repeating: 0xAB, count: 20)
    }

    private func ipv6(trafficClass: UInt8) -> [UInt8] {
        [0x60 | trafficClass >> 4, trafficClass << 4 | 0x05] + [UInt8](repeating: 0x11, count: 58)
    }

    /// The Internet checksum's sum (RFC 1071); all ones over a header that is right.
    private static func sum(_ header: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: 20, by: 2) { sum += UInt32(header[index]) << 8 | UInt32(header[index + 1]) }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        return UInt16(sum)
    }

    private func marked(_ packet: [UInt8]) -> (isMarked: Bool, packet: [UInt8]) {
        var copy = packet
        let isMarked = copy.withUnsafeMutableBytes { CongestionMark.set(in: $0) }
        return (isMarked, copy)
    }

    @Test("an IPv4 packet that is ECN-capable is marked, its checksum right, the rest untouched", arguments: 0...255)
    func ipv4Packet(trafficClass: UInt8) {
        for identification in [UInt16(0), 7, 0xFFFF, 0xB9AF] {
            let packet = ipv4(trafficClass: trafficClass, identification: identification)
            let (isMarked, result) = marked(packet)
            #expect(isMarked == (trafficClass & 0b11 != 0))
            #expect(result[1] == (isMarked ? trafficClass | 0b11 : trafficClass))
            #expect(Self.sum(result) == 0xFFFF)
            #expect(result[2..<10] == packet[2..<10] && result[12...] == packet[12...])
        }
    }

    @Test("an IPv6 packet too, its flow label untouched", arguments: 0...255)
    func ipv6Packet(trafficClass: UInt8) {
        let packet = ipv6(trafficClass: trafficClass)
        let (isMarked, result) = marked(packet)
        #expect(isMarked == (trafficClass & 0b11 != 0))
        #expect(result == (isMarked ? ipv6(trafficClass: trafficClass | 0b11) : packet))
    }

    @Test("what is no whole IP header is left alone")
    func others() {
        for packet in [[], [0x45], [UInt8](repeating: 0x4F, count: 19), [UInt8](repeating: 0x6F, count: 39)] {
            #expect(!marked(packet).isMarked)
            #expect(marked(packet).packet == packet)
        }
    }

    @Test("a direction marks the packets that its stage names, and counts them")
    func range() {
        let capable = ipv4(trafficClass: 0b10)
        var configuration = line()
        configuration.marked = PacketRange(first: 1, count: 2)
        var link = Link(stages: [configuration, line()], seed: 1, stream: 1)
        var classes: [UInt8] = []
        for (number, packet) in [capable, capable, ipv4(trafficClass: 0), capable].enumerated() {
            link.reserve()?.copyMemory(from: packet, byteCount: packet.count)
            link.take(bytes: packet.count, at: Int64(number) * 10_000_000)
        }
        while let due = link.firstDue {
            classes.append(link.first[1])
            link.putOut(at: due, accepted: true)
        }
        #expect(classes == [0b10, 0b11, 0, 0b10])
        let report = link.takeReport(deviceDrops: 0)
        #expect(report.markedPackets == 1)
        link.enter(stage: 1, at: 100_000_000)
        link.put(bytes: 40, at: 100_000_000)
        let next = link.takeReport(deviceDrops: 0)
        #expect(next.markedPackets == nil)
        configuration.marked = PacketRange(first: 0, count: 0)
        #expect(configuration.objection?.contains("count of 0") == true)
    }
}
