// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// The context of a program in the section `cgroup_skb/ingress` or `cgroup_skb/egress` (`struct __sk_buff`): a packet
/// to or from a socket of a cgroup. The packet begins with the IP header.
public struct CgroupSKB {
    let context: UnsafePointer<__sk_buff>

    /// The program's decision about the packet.
    public struct Verdict {
        let rawValue: Int32

        /// Drop it. A local sender's call fails with EPERM.
        public static var drop: Verdict { @inline(__always) get { Verdict(rawValue: 0) } }
        /// Let it pass.
        public static var allow: Verdict { @inline(__always) get { Verdict(rawValue: 1) } }
    }

    /// The length of the packet in bytes, including the IP header (`len`).
    public var byteCount: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_len(context)) } }
    /// The packet's mark (`mark`).
    public var mark: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_mark(context)) } }
    /// The number of the network interface (`ifindex`).
    public var interface: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_ifindex(context)) } }
    /// Whether the socket is an IPv6 socket (`family`).
    public var isIPv6: Bool { @inline(__always) get { skb_family(context) == 10 } }
    /// The remote address of an IPv4 socket (`remote_ip4`).
    public var remoteIPv4: IPv4Address {
        @inline(__always) get { IPv4Address(networkOrder: UInt32(truncatingIfNeeded: skb_remote_ip4(context))) }
    }
    /// The local address of an IPv4 socket (`local_ip4`).
    public var localIPv4: IPv4Address {
        @inline(__always) get { IPv4Address(networkOrder: UInt32(truncatingIfNeeded: skb_local_ip4(context))) }
    }
    /// The local port in host byte order (`local_port`).
    public var localPort: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_local_port(context)) } }

    /// Copies bytes of the packet into `value` (`bpf_skb_load_bytes`).
    ///
    /// - Parameters:
    ///   - value: is overwritten.
    ///   - offset: bytes from the beginning of the packet.
    /// - Returns: `false` if the packet ends before; then `value` contains zeros.
    @inline(__always)
    public func load<Value>(_ value: inout Value, at offset: UInt32) -> Bool {
        withUnsafeMutablePointer(to: &value) {
            bpf_skb_load_bytes(context, offset, $0, UInt32(MemoryLayout<Value>.size)) == 0
        }
    }
}
