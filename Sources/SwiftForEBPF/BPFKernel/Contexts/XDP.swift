// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// A packet that just arrived, before the kernel made anything of it: what a program in the section `xdp` gets
/// (`struct xdp_md`).
public struct XDP {
    let context: UnsafePointer<xdp_md>

    /// What becomes of the packet (`enum xdp_action`).
    public struct Action {
        let rawValue: Int32

        /// `XDP_ABORTED`: dropped, and counted as the program's fault.
        public static var aborted: Action { @inline(__always) get { Action(rawValue: 0) } }
        /// `XDP_DROP`.
        public static var drop: Action { @inline(__always) get { Action(rawValue: 1) } }
        /// `XDP_PASS`: on to the network stack.
        public static var pass: Action { @inline(__always) get { Action(rawValue: 2) } }
        /// `XDP_TX`: back out of the interface that it came in by.
        public static var transmit: Action { @inline(__always) get { Action(rawValue: 3) } }
    }

    /// Number of the interface (`ingress_ifindex`).
    public var interface: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: xdp_ingress_ifindex(context)) } }
    /// Number of the receive queue (`rx_queue_index`).
    public var queue: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: xdp_rx_queue_index(context)) } }

    /// Bytes of the packet that can be read in place.
    public var byteCount: Int {
        @inline(__always) get { Int(truncatingIfNeeded: xdp_data_end(context) &- xdp_data(context)) }
    }

    /// What lies at an offset in the packet, in place.
    ///
    /// - Parameters:
    ///   - type: what lies there, for instance `IPv4Header.self`.
    ///   - offset: bytes from the start of the packet; a literal, or a number that is compared or masked before.
    /// - Returns: `nil` if the packet ends before it.
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
    /// Receiver.
    public var destination: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)
    /// Sender.
    public var source: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)
    /// `ETH_P_…` in network order.
    public var type: UInt16
}

/// `struct iphdr` without options. Numbers are in network order.
public struct IPv4Header {
    /// 4, and the header's length in words of four bytes.
    public var versionAndLength: UInt8
    /// DSCP and ECN.
    public var trafficClass: UInt8
    /// Of the whole packet, bytes.
    public var totalLength: UInt16
    /// Common to the fragments of a packet.
    public var identification: UInt16
    /// Flags and offset of a fragment.
    public var fragment: UInt16
    /// Hops that are left.
    public var timeToLive: UInt8
    /// `IPPROTO_…`.
    public var protocolNumber: UInt8
    /// Of the header.
    public var checksum: UInt16
    /// Sender.
    public var source: IPv4Address
    /// Receiver.
    public var destination: IPv4Address
}
