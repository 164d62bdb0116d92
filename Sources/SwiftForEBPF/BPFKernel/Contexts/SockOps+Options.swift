// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

extension SockOps {
    /// The window that the first flight may fill, in segments (`TCP_BPF_IW`).
    ///
    /// - Returns: 0, or a negative errno: EINVAL if it is 0 or data was sent already.
    @inline(__always)
    public func setInitialWindow(_ segments: UInt32) -> Int32 { set(.tcp, Int32(TCP_BPF_IW), to: segments) }

    /// Bytes per second; all ones means unlimited (`SO_MAX_PACING_RATE`). `nil` if the kernel is too old to say.
    public var maximumPacingRate: UInt32? {
        @inline(__always) get {
            var rate: UInt32 = 0
            return get(.socket, Self.soMaxPacingRate, into: &rate) == 0 ? rate : nil
        }
    }

    /// A limit turns on TCP's own pacing, with any queueing discipline (`SO_MAX_PACING_RATE`).
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func setMaximumPacingRate(_ bytesPerSecond: UInt32) -> Int32 {
        set(.socket, Self.soMaxPacingRate, to: bytesPerSecond)
    }

    /// Name of the congestion control (`TCP_CONGESTION`), as 16 bytes padded with zeros, in a type of that size.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func congestionControl<Name>(into name: inout Name) -> Int32 { get(.tcp, Self.tcpCongestion, into: &name) }

    /// Changes the congestion control (`TCP_CONGESTION`).
    ///
    /// - Parameter name: 16 bytes padded with zeros.
    /// - Returns: 0, or a negative errno: ENOENT if no such control is registered.
    @inline(__always)
    public func setCongestionControl<Name>(_ name: inout Name) -> Int32 {
        set(.tcp, Self.tcpCongestion, from: &name)
    }

    /// The same, into memory that is not the stack's, such as a map's value.
    @inline(__always)
    public func congestionControl<Name>(into name: UnsafeMutablePointer<Name>) -> Int32 {
        Int32(
            truncatingIfNeeded: bpf_getsockopt(context, 6, Self.tcpCongestion, name, Int32(MemoryLayout<Name>.size)))
    }

    /// What an option belongs to.
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

    /// Sets a socket option (`bpf_setsockopt`); which ones, the kernel's `sol_tcp_sockopt` and its like list.
    ///
    /// - Returns: 0, or a negative errno.
    @inline(__always)
    public func set<Value>(_ level: Level, _ option: Int32, to value: Value) -> Int32 {
        var value = value
        return set(level, option, from: &value)
    }

    /// Sets a socket option to what lies in `value`, which stays as it is (`bpf_setsockopt`).
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

    // Of headers that <linux/bpf.h> doesn't bring.
    private static var tcpCongestion: Int32 { @inline(__always) get { 13 } }  // TCP_CONGESTION
    private static var soMaxPacingRate: Int32 { @inline(__always) get { 47 } }  // SO_MAX_PACING_RATE
}
