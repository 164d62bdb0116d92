// SPDX-License-Identifier: Apache-2.0

/// Marks packets like a congested router that supports ECN (RFC 3168 §5).
package enum CongestionMark {
    /// Sets Congestion Experienced in a packet that is marked as ECN-capable, and corrects the IPv4 header checksum.
    /// Other packets are unchanged.
    ///
    /// - Parameter packet: begins with its IPv4 or IPv6 header.
    /// - Returns: whether the packet is now marked.
    package static func set(in packet: UnsafeMutableRawBufferPointer) -> Bool {
        switch (packet.first ?? 0) >> 4 {
        case 4 where packet.count >= 20:
            guard packet[1] & 0b11 != 0 else { return false }
            let marked = packet[1] | 0b11
            // RFC 1624, equation 3: HC' = ~(~HC + ~m + m')
            let checksum = UInt32(packet[10]) << 8 | UInt32(packet[11])
            var sum = (~checksum & 0xFFFF) + (~UInt32(packet[1]) & 0xFFFF) + UInt32(marked)
            sum = (sum & 0xFFFF) + (sum >> 16)
            sum = ~((sum & 0xFFFF) + (sum >> 16)) & 0xFFFF
            packet[1] = marked
            packet[10] = UInt8(sum >> 8)
            packet[11] = UInt8(sum & 0xFF)
            return true
        case 6 where packet.count >= 40:
            // the traffic class spans the first two bytes
            guard packet[1] & 0x30 != 0 else { return false }
            packet[1] |= 0x30
            return true
        default:
            return false
        }
    }
}
