// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The kernel's `struct tcp_sock`, which the functions of a congestion control get.
///
/// Any field can be read like a property with the kernel's name (`socket.snd_cwnd_stamp`). The fields that congestion
/// controls use most have a property here. The kernel lets a congestion control write `snd_cwnd`, `snd_cwnd_cnt`,
/// `snd_ssthresh`, `sk_pacing_rate`, `icsk_ca_priv` and a few others (`bpf_tcp_ca_btf_struct_access`).
public typealias TCPSocket = KernelPointer<TCPSock>

extension KernelPointer where Structure == TCPSock {
    /// The congestion window, in segments (`snd_cwnd`).
    public var congestionWindow: UInt32 {
        @inline(__always) get { self.snd_cwnd }
        @inline(__always) nonmutating set { self.snd_cwnd = newValue }
    }

    /// The number of segments acknowledged since the window last grew (`snd_cwnd_cnt`).
    public var congestionWindowCount: UInt32 {
        @inline(__always) get { self.snd_cwnd_cnt }
        @inline(__always) nonmutating set { self.snd_cwnd_cnt = newValue }
    }

    /// The slow start threshold, in segments (`snd_ssthresh`); 0x7fffffff means infinite.
    public var slowStartThreshold: UInt32 {
        @inline(__always) get { self.snd_ssthresh }
        @inline(__always) nonmutating set { self.snd_ssthresh = newValue }
    }

    /// The congestion window before the last reduction, in segments (`prior_cwnd`).
    public var priorCongestionWindow: UInt32 { @inline(__always) get { self.prior_cwnd } }

    /// The smoothed RTT, in microseconds (`srtt_us`, in which the kernel stores eight times the value).
    public var smoothedRTTMicroseconds: UInt32 { @inline(__always) get { (self.srtt_us as UInt32) >> 3 } }

    /// The number of segments in flight, sent and not yet acknowledged (`packets_out`).
    public var segmentsInFlight: UInt32 { @inline(__always) get { self.packets_out } }

    /// The pacing rate, in bytes per second (`sk_pacing_rate`).
    public var pacingRate: UInt64 {
        @inline(__always) get { embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_rate }
        @inline(__always) nonmutating set {
            embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_rate = newValue
        }
    }

    /// Who paces the packets (`sk_pacing_status`): nobody (0), TCP itself (1) or the queueing discipline fq (2).
    public var pacingStatus: UInt32 {
        @inline(__always) get { embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_status }
        @inline(__always) nonmutating set {
            embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_pacing_status = newValue
        }
    }

    /// The largest pacing rate, in bytes per second (`sk_max_pacing_rate`, set by `SO_MAX_PACING_RATE`); all ones means
    /// unlimited.
    public var maximumPacingRate: UInt64 {
        @inline(__always) get { embedded("inet_conn.icsk_inet.sk", as: Sock.self).sk_max_pacing_rate }
    }

    /// The smallest RTT within the kernel's window (`net.ipv4.tcp_min_rtt_wlen`, five minutes by default), in
    /// microseconds (`rtt_min`); all ones means that none was measured.
    public var minimumRTTMicroseconds: UInt32 {
        @inline(__always) get {
            // `struct minmax_sample s[3]`, each with a time and a value. This is the value of the first one.
            let samples = embedded("rtt_min", as: MinMax.self).address
            return (samples + 4).assumingMemoryBound(to: UInt32.self).pointee
        }
    }

    /// Whether the window is below the slow start threshold (`tcp_in_slow_start`).
    public var isInSlowStart: Bool { @inline(__always) get { congestionWindow < slowStartThreshold } }
}

extension KernelPointer where Structure == TCPSock {
    /// Sets a TCP socket option (`bpf_setsockopt` with `IPPROTO_TCP`).
    ///
    /// It works in a congestion control, except in its `release`, and in an iterator over TCP sockets, both from Linux
    /// 5.15 on.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func setTCPOption<Value>(_ option: Int32, from value: UnsafeMutablePointer<Value>) -> Int32 {
        Int32(truncatingIfNeeded: bpf_setsockopt(address, 6, option, value, Int32(MemoryLayout<Value>.size)))
    }

    /// Reads a TCP socket option (`bpf_getsockopt` with `IPPROTO_TCP`). It works where `setTCPOption` works.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func getTCPOption<Value>(_ option: Int32, into value: UnsafeMutablePointer<Value>) -> Int32 {
        Int32(truncatingIfNeeded: bpf_getsockopt(address, 6, option, value, Int32(MemoryLayout<Value>.size)))
    }

    /// Reads the name of the congestion control (`TCP_CONGESTION`).
    ///
    /// - Parameter name: memory for 16 bytes. The name is padded with zeros.
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func congestionControl<Name>(into name: UnsafeMutablePointer<Name>) -> Int32 {
        getTCPOption(13, into: name)
    }

    /// Changes the congestion control (`TCP_CONGESTION`). The new one is active when this returns, even if a function
    /// of the old one calls it and still runs to its end.
    ///
    /// - Parameter name: the name, padded with zeros to 16 bytes.
    /// - Returns: 0, or a negative errno: ENOENT if no congestion control of this name is registered.
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

/// These declare kernel functions. bpfc turns each into an extern in `.ksyms`, which the loader looks up in the running
/// kernel.
@_silgen_name("kfunc.tcp_reno_ssthresh") func kernelRenoSSThresh(_ socket: UnsafeMutableRawPointer) -> UInt32
@_silgen_name("kfunc.tcp_reno_undo_cwnd") func kernelRenoUndoCwnd(_ socket: UnsafeMutableRawPointer) -> UInt32
@_silgen_name("kfunc.tcp_reno_cong_avoid")
func kernelRenoCongAvoid(_ socket: UnsafeMutableRawPointer, _ ack: UInt32, _ acked: UInt32)
@_silgen_name("kfunc.tcp_slow_start")
func kernelSlowStart(_ socket: UnsafeMutableRawPointer, _ acked: UInt32) -> UInt32
@_silgen_name("kfunc.tcp_cong_avoid_ai")
func kernelCongAvoidAI(_ socket: UnsafeMutableRawPointer, _ window: UInt32, _ acked: UInt32)

extension KernelPointer where Structure == TCPSock {
    /// Reno's slow start threshold after a loss: half the window, at least two segments (`tcp_reno_ssthresh`, RFC 5681
    /// section 3.1).
    ///
    /// - Returns: segments.
    public func renoSlowStartThreshold() -> UInt32 { kernelRenoSSThresh(address) }

    /// The window to restore when a loss turns out to be spurious (`tcp_reno_undo_cwnd`).
    ///
    /// - Returns: segments.
    public func renoUndoneWindow() -> UInt32 { kernelRenoUndoCwnd(address) }

    /// Grows the window as Reno does: slow start, then one segment per window (`tcp_reno_cong_avoid`, RFC 5681 section
    /// 3.1).
    ///
    /// - Parameters:
    ///   - ack: the acknowledged sequence number.
    ///   - acked: the number of newly acknowledged segments.
    public func renoAvoidCongestion(ack: UInt32, acked: UInt32) { kernelRenoCongAvoid(address, ack, acked) }

    /// Grows the window by slow start, up to the threshold (`tcp_slow_start`).
    ///
    /// - Parameter acked: the number of newly acknowledged segments.
    /// - Returns: the number of these that are left for congestion avoidance.
    public func slowStart(acked: UInt32) -> UInt32 { kernelSlowStart(address, acked) }

    /// Grows the window by one segment for every `window` segments acknowledged (`tcp_cong_avoid_ai`).
    public func growAdditively(window: UInt32, acked: UInt32) { kernelCongAvoidAI(address, window, acked) }
}
