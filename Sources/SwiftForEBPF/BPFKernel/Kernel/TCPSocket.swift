// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The kernel's `struct tcp_sock`: what the functions of a congestion control get.
///
/// Any field reads like a property under the kernel's name (`socket.snd_cwnd_stamp`); those that congestion controls live
/// on have one here. The kernel lets a congestion control write `snd_cwnd`, `snd_cwnd_cnt`, `snd_ssthresh`,
/// `sk_pacing_rate`, `icsk_ca_priv` and a few others (`bpf_tcp_ca_btf_struct_access`).
public typealias TCPSocket = KernelPointer<TCPSock>

extension KernelPointer where Structure == TCPSock {
    /// `snd_cwnd`, segments.
    public var congestionWindow: UInt32 {
        @inline(__always) get { self.snd_cwnd }
        @inline(__always) nonmutating set { self.snd_cwnd = newValue }
    }

    /// `snd_cwnd_cnt`, segments acknowledged since the window last grew.
    public var congestionWindowCount: UInt32 {
        @inline(__always) get { self.snd_cwnd_cnt }
        @inline(__always) nonmutating set { self.snd_cwnd_cnt = newValue }
    }

    /// `snd_ssthresh`, segments; 0x7fffffff means infinite.
    public var slowStartThreshold: UInt32 {
        @inline(__always) get { self.snd_ssthresh }
        @inline(__always) nonmutating set { self.snd_ssthresh = newValue }
    }

    /// `prior_cwnd`, the window before the last reduction, segments.
    public var priorCongestionWindow: UInt32 { @inline(__always) get { self.prior_cwnd } }

    /// Smoothed RTT, microseconds (`srtt_us`, of which the kernel holds eight times the value).
    public var smoothedRTTMicroseconds: UInt32 { @inline(__always) get { (self.srtt_us as UInt32) >> 3 } }

    /// `packets_out`, segments in flight.
    public var segmentsInFlight: UInt32 { @inline(__always) get { self.packets_out } }

    /// `sk_pacing_rate`, bytes per second.
    public var pacingRate: UInt64 {
        @inline(__always) get { embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_rate }
        @inline(__always) nonmutating set {
            embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_rate = newValue
        }
    }

    /// `sk_pacing_status`: whether nobody (0), TCP itself (1) or the queueing discipline fq (2) spreads packets over time.
    public var pacingStatus: UInt32 {
        @inline(__always) get { embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_status }
        @inline(__always) nonmutating set {
            embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_status = newValue
        }
    }

    /// `sk_max_pacing_rate`, bytes per second (`SO_MAX_PACING_RATE`); all ones: unlimited.
    public var maximumPacingRate: UInt64 {
        @inline(__always) get { embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_max_pacing_rate }
    }

    /// Smallest RTT within the kernel's window of five minutes, microseconds (`rtt_min`); all ones: none was measured.
    public var minimumRTTMicroseconds: UInt32 {
        @inline(__always) get {
            // `struct minmax_sample s[3]` of a time and a value; the first one's value.
            let samples = embedded("rtt_min", as: MinMax.self).address
            return (samples + 4).assumingMemoryBound(to: UInt32.self).pointee
        }
    }

    /// Whether the window is below the slow start threshold (`tcp_in_slow_start`).
    public var isInSlowStart: Bool { @inline(__always) get { congestionWindow < slowStartThreshold } }
}

extension KernelPointer where Structure == TCPSock {
    /// Sets a socket option of TCP (`bpf_setsockopt` at `IPPROTO_TCP`; in a congestion control from Linux 5.15 on, and not
    /// in its `release`; in an iterator over TCP sockets from Linux 5.15 on).
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func setTCPOption<Value>(_ option: Int32, from value: UnsafeMutablePointer<Value>) -> Int32 {
        Int32(truncatingIfNeeded: bpf_setsockopt(address, 6, option, value, Int32(MemoryLayout<Value>.size)))
    }

    /// Reads a socket option of TCP (`bpf_getsockopt` at `IPPROTO_TCP`), where `setTCPOption` can set one.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func getTCPOption<Value>(_ option: Int32, into value: UnsafeMutablePointer<Value>) -> Int32 {
        Int32(truncatingIfNeeded: bpf_getsockopt(address, 6, option, value, Int32(MemoryLayout<Value>.size)))
    }

    /// Name of the congestion control (`TCP_CONGESTION`), as 16 bytes padded with zeros.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func congestionControl<Name>(into name: UnsafeMutablePointer<Name>) -> Int32 {
        getTCPOption(13, into: name)
    }

    /// Changes the congestion control (`TCP_CONGESTION`). The new one is in charge when this returns, though the function
    /// of the old one that called it runs to its end.
    ///
    /// - Parameter name: 16 bytes padded with zeros.
    /// - Returns: 0, or a negative errno: ENOENT if no such control is registered.
    @inline(__always)
    public func setCongestionControl<Name>(_ name: UnsafeMutablePointer<Name>) -> Int32 {
        setTCPOption(13, from: name)
    }
}

/// `struct minmax`, a running minimum.
enum MinMax: KernelStructure {
    static var kernelName: StaticString { @inline(__always) get { "minmax" } }
}

// MARK: The kernel's own functions (kfuncs, Linux 5.13)

/// Declares a kernel function: bpfc makes it an extern in `.ksyms`, which the loader looks up in the running kernel.
@_silgen_name("kfunc.tcp_reno_ssthresh") func kernelRenoSSThresh(_ socket: UnsafeMutableRawPointer) -> UInt32
@_silgen_name("kfunc.tcp_reno_undo_cwnd") func kernelRenoUndoCwnd(_ socket: UnsafeMutableRawPointer) -> UInt32
@_silgen_name("kfunc.tcp_reno_cong_avoid")
func kernelRenoCongAvoid(_ socket: UnsafeMutableRawPointer, _ ack: UInt32, _ acked: UInt32)
@_silgen_name("kfunc.tcp_slow_start")
func kernelSlowStart(_ socket: UnsafeMutableRawPointer, _ acked: UInt32) -> UInt32
@_silgen_name("kfunc.tcp_cong_avoid_ai")
func kernelCongAvoidAI(_ socket: UnsafeMutableRawPointer, _ window: UInt32, _ acked: UInt32)

extension KernelPointer where Structure == TCPSock {
    /// Half the window, at least two segments (`tcp_reno_ssthresh`, RFC 5681 section 3.1).
    public func renoSlowStartThreshold() -> UInt32 { kernelRenoSSThresh(address) }

    /// The window to go back to when a loss turns out to have been none (`tcp_reno_undo_cwnd`).
    public func renoUndoneWindow() -> UInt32 { kernelRenoUndoCwnd(address) }

    /// Slow start, then a segment per window (`tcp_reno_cong_avoid`, RFC 5681 section 3.1).
    public func renoAvoidCongestion(ack: UInt32, acked: UInt32) { kernelRenoCongAvoid(address, ack, acked) }

    /// Grows the window up to the threshold (`tcp_slow_start`).
    ///
    /// - Returns: acknowledged segments that are left for congestion avoidance.
    public func slowStart(acked: UInt32) -> UInt32 { kernelSlowStart(address, acked) }

    /// Grows the window by a segment for each `window` segments acknowledged (`tcp_cong_avoid_ai`).
    public func growAdditively(window: UInt32, acked: UInt32) { kernelCongAvoidAI(address, window, acked) }
}
