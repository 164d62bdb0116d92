// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The context of a `sock_ops` program (`struct bpf_sock_ops`).
struct SockOps {
    let context: UnsafeMutablePointer<bpf_sock_ops>

    /// What such a program returns. 0 would make the cgroup's run fail with EPERM and drop the replies of other programs.
    static var proceed: Int32 { 1 }

    @inline(__always)
    init(_ context: UnsafeMutablePointer<bpf_sock_ops>) { self.context = context }

    // MARK: What happened

    /// `BPF_SOCK_OPS_…_CB`, the reason for the call.
    @inline(__always) var operation: UInt32 { sock_ops_op(context) }

    @inline(__always) static var activeEstablished: UInt32 { UInt32(BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) }
    @inline(__always) static var passiveEstablished: UInt32 { UInt32(BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) }
    @inline(__always) static var stateChanged: UInt32 { UInt32(BPF_SOCK_OPS_STATE_CB) }
    @inline(__always) static var roundTrip: UInt32 { UInt32(BPF_SOCK_OPS_RTT_CB) }

    /// The new state at `stateChanged` (`BPF_TCP_…`).
    @inline(__always) var newState: UInt32 { sock_ops_argument1(context) }
    @inline(__always) static var closed: UInt32 { UInt32(BPF_TCP_CLOSE) }

    /// Asks for calls at each round trip and at each change of state, besides those that others asked for.
    @inline(__always)
    func callAtRoundTripsAndStateChanges() {
        let wanted = UInt32(BPF_SOCK_OPS_RTT_CB_FLAG) | UInt32(BPF_SOCK_OPS_STATE_CB_FLAG)
        _ = bpf_sock_ops_cb_flags_set(context, Int32(bitPattern: sock_ops_callback_flags(context) | wanted))
    }

    // MARK: The connection

    @inline(__always) var isIPv6: Bool { sock_ops_family(context) == Self.inet6 }
    /// Host byte order.
    @inline(__always) var localPort: UInt32 { sock_ops_local_port(context) }
    /// Host byte order. The context holds it in network order, in the upper half of the word on big-endian machines.
    @inline(__always) var remotePort: UInt32 {
        let port = sock_ops_remote_port(context)
        #if _endian(little)
            return port.byteSwapped
        #else
            return port
        #endif
    }

    /// `sk`, for helpers that want a socket; `nil` while there is no full socket.
    @inline(__always) var socket: UnsafeMutablePointer<bpf_sock>? { sock_ops_sk(context) }

    /// A number for this socket that no other has until the machine restarts (`bpf_get_socket_cookie`).
    @inline(__always) var cookie: UInt64 { bpf_get_socket_cookie(context) }

    /// Segments.
    @inline(__always) var congestionWindow: UInt32 { sock_ops_snd_cwnd(context) }
    /// Segments; 0x7fffffff means infinite.
    @inline(__always) var slowStartThreshold: UInt32 { sock_ops_snd_ssthresh(context) }
    /// Microseconds; 0 if the handshake gave no sample. The kernel holds eight times the value.
    @inline(__always) var smoothedRTTMicroseconds: UInt32 {
        let eighths = sock_ops_srtt_us(context)
        return eighths > 0 && eighths < 8 ? 1 : eighths >> 3
    }
    @inline(__always) var dataSegmentsSent: UInt32 { sock_ops_data_segs_out(context) }

    // MARK: Socket options

    /// The window that the first flight may fill, in segments (`TCP_BPF_IW`).
    ///
    /// - Returns: 0, or a negative errno: EINVAL once data was sent.
    @inline(__always)
    func setInitialWindow(_ segments: UInt32) -> Int32 {
        set(level: Self.tcp, option: Int32(TCP_BPF_IW), to: segments)
    }

    /// Name of the congestion control (`TCP_CONGESTION`); `nil` if the kernel won't say.
    @inline(__always)
    var congestionControl: CongestionControlName? {
        var name = CongestionControlName()
        let result = withUnsafeMutablePointer(to: &name) {
            bpf_getsockopt(context, Self.tcp, Self.tcpCongestion, $0, Int32(MemoryLayout<CongestionControlName>.size))
        }
        return result == 0 ? name : nil
    }

    /// - Returns: 0, or a negative errno: ENOENT if no such control is registered.
    @inline(__always)
    func setCongestionControl(_ name: CongestionControlName) -> Int32 {
        set(level: Self.tcp, option: Self.tcpCongestion, to: name)
    }

    /// Bytes per second; all ones means unlimited (`SO_MAX_PACING_RATE`). `nil` if the kernel is too old to say.
    @inline(__always)
    var maximumPacingRate: UInt32? {
        var rate: UInt32 = 0
        let result = withUnsafeMutablePointer(to: &rate) {
            bpf_getsockopt(context, Self.socketLevel, Self.soMaxPacingRate, $0, 4)
        }
        return result == 0 ? rate : nil
    }

    /// A limit turns on TCP's own pacing, with any queueing discipline.
    @inline(__always)
    func setMaximumPacingRate(_ bytesPerSecond: UInt32) -> Int32 {
        set(level: Self.socketLevel, option: Self.soMaxPacingRate, to: bytesPerSecond)
    }

    // Of headers that <linux/bpf.h> doesn't bring: AF_INET6, IPPROTO_TCP, SOL_SOCKET, TCP_CONGESTION, SO_MAX_PACING_RATE.
    @inline(__always) private static var inet6: UInt32 { 10 }
    @inline(__always) private static var tcp: Int32 { 6 }
    @inline(__always) private static var socketLevel: Int32 { 1 }
    @inline(__always) private static var tcpCongestion: Int32 { 13 }
    @inline(__always) private static var soMaxPacingRate: Int32 { 47 }

    @inline(__always)
    private func set<Value>(level: Int32, option: Int32, to value: Value) -> Int32 {
        withUnsafePointer(to: value) {
            Int32(truncatingIfNeeded: bpf_setsockopt(context, level, option, $0, Int32(MemoryLayout<Value>.size)))
        }
    }
}
