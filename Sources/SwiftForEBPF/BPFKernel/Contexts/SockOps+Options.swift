// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

extension SockOps {
    /// Sets the initial congestion window, in segments (`TCP_BPF_IW`).
    ///
    /// - Returns: 0, or a negative errno: EINVAL if the window is 0 or data has been sent.
    @inline(__always)
    public func setInitialWindow(_ segments: UInt32) -> Int32 { set(.tcp, Int32(TCP_BPF_IW), to: segments) }

    /// The largest pacing rate, in bytes per second (`SO_MAX_PACING_RATE`); all ones means unlimited. `nil` if the
    /// kernel is too old to read it.
    public var maximumPacingRate: UInt32? {
        @inline(__always) get {
            var rate: UInt32 = 0
            return get(.socket, Self.soMaxPacingRate, into: &rate) == 0 ? rate : nil
        }
    }

    /// Sets the largest pacing rate (`SO_MAX_PACING_RATE`). A limit turns on TCP's own pacing, with any queueing
    /// discipline.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func setMaximumPacingRate(_ bytesPerSecond: UInt32) -> Int32 {
        set(.socket, Self.soMaxPacingRate, to: bytesPerSecond)
    }

    /// Reads the name of the congestion control (`TCP_CONGESTION`).
    ///
    /// - Parameter name: a value of 16 bytes. The name is padded with zeros.
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func congestionControl<Name>(into name: inout Name) -> Int32 { get(.tcp, Self.tcpCongestion, into: &name) }

    /// Changes the congestion control (`TCP_CONGESTION`).
    ///
    /// - Parameter name: the name, padded with zeros to 16 bytes.
    /// - Returns: 0, or a negative errno: ENOENT if no congestion control of this name is registered.
    @inline(__always)
    public func setCongestionControl<Name>(_ name: inout Name) -> Int32 {
        set(.tcp, Self.tcpCongestion, from: &name)
    }

    /// Reads the name of the congestion control into memory outside the stack, such as a map's value.
    ///
    /// - Parameter name: memory for 16 bytes. The name is padded with zeros.
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func congestionControl<Name>(into name: UnsafeMutablePointer<Name>) -> Int32 {
        Int32(
            truncatingIfNeeded: bpf_getsockopt(context, 6, Self.tcpCongestion, name, Int32(MemoryLayout<Name>.size)))
    }

    /// The protocol level of a socket option.
    public struct Level {
        let rawValue: Int32
        /// `SOL_SOCKET`.
        public static var socket: Level { @inline(__always) get { Level(rawValue: 1) } }
        /// `IPPROTO_IP`.
        public static var ip: Level { @inline(__always) get { Level(rawValue: 0) } }
        /// `IPPROTO_IPV6`.
        public static var ipv6: Level { @inline(__always) get { Level(rawValue: 41) } }
        /// `IPPROTO_TCP`.
        public static var tcp: Level { @inline(__always) get { Level(rawValue: 6) } }
    }

    /// Sets a socket option (`bpf_setsockopt`). The kernel's `sol_socket_sockopt`, `sol_tcp_sockopt` and others list
    /// the options that it supports.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func set<Value>(_ level: Level, _ option: Int32, to value: Value) -> Int32 {
        var value = value
        return set(level, option, from: &value)
    }

    /// Sets a socket option to `value`, without copying it (`bpf_setsockopt`). `value` isn't changed.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func set<Value>(_ level: Level, _ option: Int32, from value: inout Value) -> Int32 {
        withUnsafePointer(to: &value) {
            Int32(
                truncatingIfNeeded: bpf_setsockopt(
                    context, level.rawValue, option, $0, Int32(MemoryLayout<Value>.size)))
        }
    }

    /// Reads a socket option (`bpf_getsockopt`).
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func get<Value>(_ level: Level, _ option: Int32, into value: inout Value) -> Int32 {
        withUnsafeMutablePointer(to: &value) {
            Int32(
                truncatingIfNeeded: bpf_getsockopt(
                    context, level.rawValue, option, $0, Int32(MemoryLayout<Value>.size)))
        }
    }

    // From headers that <linux/bpf.h> doesn't include.
    private static var tcpCongestion: Int32 { @inline(__always) get { 13 } }  // TCP_CONGESTION
    private static var soMaxPacingRate: Int32 { @inline(__always) get { 47 } }  // SO_MAX_PACING_RATE
}
