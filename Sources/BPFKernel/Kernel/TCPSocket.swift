// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The kernel's `struct tcp_sock`, as a struct_ops congestion control gets it. Offsets are those of the running kernel.
struct TCPSocket {
    let pointer: UnsafeMutableRawPointer

    /// - Parameter context: a struct_ops program's arguments; the first is the socket.
    @inline(__always)
    init?(_ context: UnsafePointer<UInt64>) {
        guard let pointer = UnsafeMutableRawPointer(bitPattern: UInt(context[0])) else { return nil }
        self.pointer = pointer
    }

    @inline(__always)
    private func field(_ offset: UInt64) -> UnsafeMutablePointer<UInt32> {
        (pointer + Int(truncatingIfNeeded: offset)).assumingMemoryBound(to: UInt32.self)
    }

    /// `snd_cwnd`, segments.
    var congestionWindow: UInt32 {
        @inline(__always) get { field(offset_of_tcp_sock_snd_cwnd()).pointee }
        @inline(__always) nonmutating set { field(offset_of_tcp_sock_snd_cwnd()).pointee = newValue }
    }

    /// `snd_cwnd_cnt`, segments acknowledged since the window last grew.
    var congestionWindowCount: UInt32 {
        @inline(__always) get { field(offset_of_tcp_sock_snd_cwnd_cnt()).pointee }
        @inline(__always) nonmutating set { field(offset_of_tcp_sock_snd_cwnd_cnt()).pointee = newValue }
    }

    /// `snd_ssthresh`, segments.
    var slowStartThreshold: UInt32 {
        @inline(__always) get { field(offset_of_tcp_sock_snd_ssthresh()).pointee }
        @inline(__always) nonmutating set { field(offset_of_tcp_sock_snd_ssthresh()).pointee = newValue }
    }

    /// `prior_cwnd`, the window before the last reduction, segments.
    var priorCongestionWindow: UInt32 {
        @inline(__always) get { field(offset_of_tcp_sock_prior_cwnd()).pointee }
    }
}
