// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// A socket as programs in cgroups see it (`struct bpf_sock`).
public struct BPFSocket: SocketReference {
    let pointer: UnsafeMutablePointer<bpf_sock>

    /// `struct bpf_sock *`.
    public var address: UnsafeMutableRawPointer { @inline(__always) get { UnsafeMutableRawPointer(pointer) } }

    /// Bytes of data that fit into a segment (`mss_cache`); `nil` if this is no TCP socket (`bpf_tcp_sock`).
    public var maximumSegmentSize: UInt32? {
        @inline(__always) get {
            guard let tcp = bpf_tcp_sock(pointer), tcp.pointee.mss_cache > 0 else { return nil }
            return tcp.pointee.mss_cache
        }
    }

    /// The socket with all the kernel's fields, to be read, if it is TCP's (`bpf_skc_to_tcp_sock`, Linux 5.9).
    public var tcp: TCPSocket? { @inline(__always) get { bpf_skc_to_tcp_sock(address).map { TCPSocket($0) } } }
}
