// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// The socket of a connection, as programs in cgroups see it (`struct bpf_sock`).
public struct BPFSocket: SocketReference {
    let pointer: UnsafeMutablePointer<bpf_sock>

    /// The address: a `struct bpf_sock *`.
    public var address: UnsafeMutableRawPointer { @inline(__always) get { UnsafeMutableRawPointer(pointer) } }

    /// The maximum segment size, in bytes of data (`mss_cache`, through `bpf_tcp_sock`); `nil` if this isn't a TCP
    /// socket.
    public var maximumSegmentSize: UInt32? {
        @inline(__always) get {
            guard let tcp = bpf_tcp_sock(pointer), tcp.pointee.mss_cache > 0 else { return nil }
            return tcp.pointee.mss_cache
        }
    }

    /// The socket with all the kernel's fields, read-only; `nil` if it isn't a TCP socket (`bpf_skc_to_tcp_sock`, Linux
    /// 5.9).
    public var tcp: TCPSocket? { @inline(__always) get { bpf_skc_to_tcp_sock(address).map { TCPSocket($0) } } }
}
