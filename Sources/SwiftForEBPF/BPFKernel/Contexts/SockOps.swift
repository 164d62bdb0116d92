// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import BPFShared
import CBPF

/// The context of a program in the section `sockops` (`struct bpf_sock_ops`): a TCP connection, at one of its events.
public struct SockOps {
    let context: UnsafeMutablePointer<bpf_sock_ops>

    /// The result of the program.
    public struct Verdict {
        let rawValue: Int32

        /// The value 1. With 0, running the cgroup's programs would fail with EPERM and discard the replies of other
        /// programs.
        public static var proceed: Verdict { @inline(__always) get { Verdict(rawValue: 1) } }
    }

    // MARK: The event

    /// The event that a program is called for (`BPF_SOCK_OPS_…_CB`).
    public struct Operation: Equatable {
        /// The kernel's number.
        public let rawValue: UInt32

        /// `BPF_SOCK_OPS_TCP_CONNECT_CB`: a connection is about to be opened.
        public static var connect: Operation { @inline(__always) get { Operation(rawValue: 3) } }
        /// `BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB`: a connection that this host opened is established.
        public static var activeEstablished: Operation { @inline(__always) get { Operation(rawValue: 4) } }
        /// `BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB`: a connection that this host accepted is established.
        public static var passiveEstablished: Operation { @inline(__always) get { Operation(rawValue: 5) } }
        /// `BPF_SOCK_OPS_RTO_CB`: the retransmission timer expired.
        public static var retransmissionTimeout: Operation { @inline(__always) get { Operation(rawValue: 8) } }
        /// `BPF_SOCK_OPS_RETRANS_CB`: a segment was retransmitted.
        public static var retransmission: Operation { @inline(__always) get { Operation(rawValue: 9) } }
        /// `BPF_SOCK_OPS_STATE_CB`: the connection changes to `newState`.
        public static var stateChange: Operation { @inline(__always) get { Operation(rawValue: 10) } }
        /// `BPF_SOCK_OPS_TCP_LISTEN_CB`: the socket starts to listen.
        public static var listen: Operation { @inline(__always) get { Operation(rawValue: 11) } }
        /// `BPF_SOCK_OPS_RTT_CB`: a round-trip time was measured.
        public static var roundTrip: Operation { @inline(__always) get { Operation(rawValue: 12) } }
    }

    /// The event of this call (`op`).
    public var operation: Operation {
        @inline(__always) get { Operation(rawValue: UInt32(truncatingIfNeeded: sock_ops_op(context))) }
    }

    /// Whether the event is that the connection was established, opened or accepted.
    public var isEstablished: Bool {
        @inline(__always) get { operation == .activeEstablished || operation == .passiveEstablished }
    }

    /// At the event `stateChange`: the old state (`args[0]`).
    public var oldState: TCPState {
        @inline(__always) get { TCPState(rawValue: UInt32(truncatingIfNeeded: sock_ops_argument0(context))) }
    }
    /// At the event `stateChange`: the new state (`args[1]`).
    public var newState: TCPState {
        @inline(__always) get { TCPState(rawValue: UInt32(truncatingIfNeeded: sock_ops_argument1(context))) }
    }

    /// Events that the kernel reports only on request (`BPF_SOCK_OPS_…_CB_FLAG`).
    public struct Callbacks: OptionSet {
        /// The kernel's bits.
        public let rawValue: UInt32
        /// Makes flags from the kernel's bits.
        @inline(__always) public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// `BPF_SOCK_OPS_RTO_CB_FLAG`.
        public static var retransmissionTimeouts: Callbacks { @inline(__always) get { Callbacks(rawValue: 1) } }
        /// `BPF_SOCK_OPS_RETRANS_CB_FLAG`.
        public static var retransmissions: Callbacks { @inline(__always) get { Callbacks(rawValue: 2) } }
        /// `BPF_SOCK_OPS_STATE_CB_FLAG`.
        public static var stateChanges: Callbacks { @inline(__always) get { Callbacks(rawValue: 4) } }
        /// `BPF_SOCK_OPS_RTT_CB_FLAG`.
        public static var roundTrips: Callbacks { @inline(__always) get { Callbacks(rawValue: 8) } }
    }

    /// Requests events of this connection, in addition to those that are already requested
    /// (`bpf_sock_ops_cb_flags_set`).
    @inline(__always)
    public func request(_ callbacks: Callbacks) {
        let flags = UInt32(truncatingIfNeeded: sock_ops_callback_flags(context)) | callbacks.rawValue
        _ = bpf_sock_ops_cb_flags_set(context, Int32(bitPattern: flags))
    }

    // MARK: The connection

    /// Whether the socket is an IPv6 socket (`family`).
    public var isIPv6: Bool { @inline(__always) get { sock_ops_family(context) == 10 } }
    /// The remote address of an IPv4 connection (`remote_ip4`).
    public var remoteIPv4: IPv4Address {
        @inline(__always) get { IPv4Address(networkOrder: UInt32(truncatingIfNeeded: sock_ops_remote_ip4(context))) }
    }
    /// The local address of an IPv4 connection (`local_ip4`).
    public var localIPv4: IPv4Address {
        @inline(__always) get { IPv4Address(networkOrder: UInt32(truncatingIfNeeded: sock_ops_local_ip4(context))) }
    }
    /// The remote address of an IPv6 connection (`remote_ip6`).
    public var remoteIPv6: IPv6Address {
        @inline(__always) get {
            IPv6Address(
                word0: UInt32(truncatingIfNeeded: sock_ops_remote_ip6_0(context)),
                word1: UInt32(truncatingIfNeeded: sock_ops_remote_ip6_1(context)),
                word2: UInt32(truncatingIfNeeded: sock_ops_remote_ip6_2(context)),
                word3: UInt32(truncatingIfNeeded: sock_ops_remote_ip6_3(context)))
        }
    }
    /// The local address of an IPv6 connection (`local_ip6`).
    public var localIPv6: IPv6Address {
        @inline(__always) get {
            IPv6Address(
                word0: UInt32(truncatingIfNeeded: sock_ops_local_ip6_0(context)),
                word1: UInt32(truncatingIfNeeded: sock_ops_local_ip6_1(context)),
                word2: UInt32(truncatingIfNeeded: sock_ops_local_ip6_2(context)),
                word3: UInt32(truncatingIfNeeded: sock_ops_local_ip6_3(context)))
        }
    }
    /// The remote address of either family. An IPv4 address is mapped to `::ffff:a.b.c.d`.
    public var remoteAddress: IPv6Address {
        @inline(__always) get { isIPv6 ? remoteIPv6 : IPv6Address(mapping: remoteIPv4) }
    }
    /// The local port in host byte order (`local_port`).
    public var localPort: UInt32 { @inline(__always) get { UInt32(truncatingIfNeeded: sock_ops_local_port(context)) } }
    /// The remote port in host byte order (`remote_port`, which the kernel stores in network byte order).
    public var remotePort: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: sock_ops_remote_port(context)).networkOrder }
    }

    /// The socket (`sk`); `nil` if there is no full socket yet.
    public var socket: BPFSocket? { @inline(__always) get { sock_ops_sk(context).map { BPFSocket(pointer: $0) } } }

    /// The socket's cookie, a number that is unique until the machine restarts (`bpf_get_socket_cookie`).
    public var cookie: UInt64 { @inline(__always) get { bpf_get_socket_cookie(context) } }

    /// The congestion window, in segments (`snd_cwnd`).
    public var congestionWindow: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: sock_ops_snd_cwnd(context)) }
    }
    /// The slow start threshold, in segments (`snd_ssthresh`); 0x7fffffff means infinite.
    public var slowStartThreshold: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: sock_ops_snd_ssthresh(context)) }
    }
    /// The smoothed RTT, in microseconds; 0 if there is no sample yet (`srtt_us`, in which the kernel stores eight
    /// times the value).
    public var smoothedRTTMicroseconds: UInt32 {
        @inline(__always) get {
            let eighths = UInt32(truncatingIfNeeded: sock_ops_srtt_us(context))
            return eighths > 0 && eighths < 8 ? 1 : eighths >> 3
        }
    }
    /// The number of segments with data sent so far, including retransmissions (`data_segs_out`).
    public var dataSegmentsSent: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: sock_ops_data_segs_out(context)) }
    }
    /// The number of segments retransmitted so far (`total_retrans`).
    public var segmentsRetransmitted: UInt32 {
        @inline(__always) get { UInt32(truncatingIfNeeded: sock_ops_total_retrans(context)) }
    }
}
