// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// The context of a program in the section `xdp` (`struct xdp_md`): a received packet, before the network stack
/// processes it.
public struct XDP {
    let context: UnsafePointer<xdp_md>

    /// The program's decision about the packet (`enum xdp_action`).
    public struct Action {
        let rawValue: Int32

        /// `XDP_ABORTED`: drop it, and report an error of the program (tracepoint `xdp:xdp_exception`).
        public static var aborted: Action { @inline(__always) get { Action(rawValue: 0) } }
        /// `XDP_DROP`: drop it.
        public static var drop: Action { @inline(__always) get { Action(rawValue: 1) } }
        /// `XDP_PASS`: pass it to the network stack.
        public static var pass: Action { @inline(__always) get { Action(rawValue: 2) } }
        /// `XDP_TX`: send it back out of the interface that received it.
        public static var transmit: Action { @inline(__always) get { Action(rawValue: 3) } }
    }

    /// The number of the receiving interface (`ingress_ifindex`).
    public var interface: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: xdp_ingress_ifindex(context)) } }
    /// The number of the receive queue (`rx_queue_index`).
    public var queue: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: xdp_rx_queue_index(context)) } }

    /// The number of bytes of the packet that can be read in place (`data` to `data_end`).
    public var byteCount: Int {
        @inline(__always) get { Int(truncatingIfNeeded: xdp_data_end(context) &- xdp_data(context)) }
    }

    /// A pointer to a header in the packet.
    ///
    /// - Parameters:
    ///   - type: the type of the header, for example `IPv4Header.self`.
    ///   - offset: bytes from the start of the packet: a literal, or a number that is compared or masked before.
    /// - Returns: `nil` if the packet ends before the end of the header.
    @inline(__always)
    public func header<Header>(_ type: Header.Type, at offset: Int) -> UnsafeMutablePointer<Header>? {
        let start = xdp_data(context) &+ UInt64(truncatingIfNeeded: offset)
        guard start &+ UInt64(MemoryLayout<Header>.size) <= xdp_data_end(context) else { return nil }
        return bpf_packet_place(start).assumingMemoryBound(to: Header.self)
    }

    /// The IPv4 header of an Ethernet packet without VLAN tags; `nil` if it has none.
    public var ipv4: UnsafeMutablePointer<IPv4Header>? {
        @inline(__always) get {
            guard let ethernet = header(EthernetHeader.self, at: 0),
                ethernet.pointee.type == UInt16(0x0800).networkOrder
            else { return nil }
            return header(IPv4Header.self, at: MemoryLayout<EthernetHeader>.size)
        }
    }
}

/// `struct ethhdr`.
public struct EthernetHeader {
    /// The receiver's address.
    public var destination: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)
    /// The sender's address.
    public var source: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)
    /// The protocol (`ETH_P_…`), in network byte order.
    public var type: UInt16
}

/// `struct iphdr` without options. Numbers are in network byte order.
public struct IPv4Header {
    /// The version, 4, and the length of the header in words of 4 bytes.
    public var versionAndLength: UInt8
    /// DSCP and ECN.
    public var trafficClass: UInt8
    /// The length of the whole packet, in bytes.
    public var totalLength: UInt16
    /// The identification, which the fragments of a packet have in common.
    public var identification: UInt16
    /// The flags and the fragment offset.
    public var fragment: UInt16
    /// The number of hops left (TTL).
    public var timeToLive: UInt8
    /// The protocol (`IPPROTO_…`).
    public var protocolNumber: UInt8
    /// The checksum of the header.
    public var checksum: UInt16
    /// The sender's address.
    public var source: IPv4Address
    /// The receiver's address.
    public var destination: IPv4Address
}
