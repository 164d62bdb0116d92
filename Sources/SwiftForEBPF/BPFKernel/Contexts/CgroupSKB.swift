// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// A packet on its way to or from a socket of a cgroup: what a program in the sections `cgroup_skb/ingress` and
/// `cgroup_skb/egress` gets (`struct __sk_buff`). It begins with the IP header.
public struct CgroupSKB {
    let context: UnsafePointer<__sk_buff>

    /// What becomes of the packet.
    public struct Verdict {
        let rawValue: Int32

        /// It is dropped; a sender's call fails with EPERM.
        public static var drop: Verdict { @inline(__always) get { Verdict(rawValue: 0) } }
        /// It goes on.
        public static var allow: Verdict { @inline(__always) get { Verdict(rawValue: 1) } }
    }

    /// Bytes, IP header included (`len`).
    public var byteCount: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_len(context)) } }
    /// `mark`.
    public var mark: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_mark(context)) } }
    /// Number of the interface (`ifindex`).
    public var interface: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_ifindex(context)) } }
    /// Of the socket: whether it is IPv6's (`family`).
    public var isIPv6: Bool { @inline(__always) get { skb_family(context) == 10 } }
    /// The socket's peer, if it is IPv4's (`remote_ip4`).
    public var remoteIPv4: IPv4Address {
        @inline(__always) get { IPv4Address(networkOrder: UInt32(truncatingIfNeeded: skb_remote_ip4(context))) }
    }
    /// The socket's own address, if it is IPv4's (`local_ip4`).
    public var localIPv4: IPv4Address {
        @inline(__always) get { IPv4Address(networkOrder: UInt32(truncatingIfNeeded: skb_local_ip4(context))) }
    }
    /// Host byte order (`local_port`).
    public var localPort: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: skb_local_port(context)) } }

    /// Copies bytes of the packet over `value` (`bpf_skb_load_bytes`).
    ///
    /// - Returns: whether the packet has so many at this offset; `value` holds zeros if not.
    @inline(__always)
    public func load<Value>(_ value: inout Value, at offset: UInt32) -> Bool {
        withUnsafeMutablePointer(to: &value) {
            bpf_skb_load_bytes(context, offset, $0, UInt32(MemoryLayout<Value>.size)) == 0
        }
    }
}
