// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

import CBPF

/// `struct sock`.
public enum Sock: KernelStructure {
    /// `sock`.
    public static var kernelName: StaticString { @inline(__always) get { "sock" } }
}

/// `struct sock_common`, the beginning of every kind of socket.
public enum SockCommon: KernelStructure {
    /// `sock_common`.
    public static var kernelName: StaticString { @inline(__always) get { "sock_common" } }
}

/// `struct tcp_sock`.
public enum TCPSock: KernelStructure {
    /// `tcp_sock`.
    public static var kernelName: StaticString { @inline(__always) get { "tcp_sock" } }
}

/// `struct udp_sock`.
public enum UDPSock: KernelStructure {
    /// `udp_sock`.
    public static var kernelName: StaticString { @inline(__always) get { "udp_sock" } }
}

/// `struct inet_connection_sock`.
public enum InetConnectionSock: KernelStructure {
    /// `inet_connection_sock`.
    public static var kernelName: StaticString { @inline(__always) get { "inet_connection_sock" } }
}

/// `struct sk_buff`, a packet.
public enum SocketBuffer: KernelStructure {
    /// `sk_buff`.
    public static var kernelName: StaticString { @inline(__always) get { "sk_buff" } }
}

/// `struct rate_sample`: a measurement of the delivery rate.
public enum RateSample: KernelStructure {
    /// `rate_sample`.
    public static var kernelName: StaticString { @inline(__always) get { "rate_sample" } }
}

/// `struct ack_sample`: what one acknowledgement covers.
public enum AckSample: KernelStructure {
    /// `ack_sample`.
    public static var kernelName: StaticString { @inline(__always) get { "ack_sample" } }
}

extension KernelPointer where Structure == Sock {
    /// The remote IPv4 address in network byte order (`skc_daddr`); 0 for other address families.
    public var remoteIPv4: UInt32 { @inline(__always) get { common.skc_daddr } }
    /// The remote port in host byte order (`skc_dport`).
    public var remotePort: UInt16 {
        @inline(__always) get {
            let port: UInt16 = common.skc_dport
            return port.networkOrder
        }
    }
    /// The local port in host byte order (`skc_num`).
    public var localPort: UInt16 { @inline(__always) get { common.skc_num } }
    /// The address family (`skc_family`): `AF_INET` (2) or `AF_INET6` (10).
    public var family: UInt16 { @inline(__always) get { common.skc_family } }
    /// The state of the connection (`skc_state`).
    public var state: TCPState { @inline(__always) get { TCPState(rawValue: UInt32(common.skc_state as UInt8)) } }

    /// The part that it has in common with request sockets and time-wait sockets (`__sk_common`).
    public var common: KernelPointer<SockCommon> { @inline(__always) get { embedded("__sk_common") } }

    /// The socket as a TCP socket; `nil` if it isn't one (`bpf_skc_to_tcp_sock`, Linux 5.9).
    public var tcp: TCPSocket? { @inline(__always) get { bpf_skc_to_tcp_sock(address).map { TCPSocket($0) } } }
}

extension KernelPointer where Structure == SockCommon {
    /// The local port in host byte order (`skc_num`).
    public var localPort: UInt16 { @inline(__always) get { self.skc_num } }

    /// The socket as a TCP socket; `nil` if it is of another protocol, or a request or time-wait socket
    /// (`bpf_skc_to_tcp_sock`, Linux 5.9).
    public var tcp: TCPSocket? { @inline(__always) get { bpf_skc_to_tcp_sock(address).map { TCPSocket($0) } } }
}

/// The state of a TCP connection (`BPF_TCP_…`, the kernel's `TCP_…`).
public struct TCPState: Equatable {
    /// The kernel's number.
    public let rawValue: UInt32
    /// Makes a state from the kernel's number.
    @inline(__always) public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `BPF_TCP_ESTABLISHED`.
    public static var established: TCPState { @inline(__always) get { TCPState(rawValue: 1) } }
    /// `BPF_TCP_SYN_SENT`.
    public static var synSent: TCPState { @inline(__always) get { TCPState(rawValue: 2) } }
    /// `BPF_TCP_SYN_RECV`.
    public static var synReceived: TCPState { @inline(__always) get { TCPState(rawValue: 3) } }
    /// `BPF_TCP_FIN_WAIT1`.
    public static var finWait1: TCPState { @inline(__always) get { TCPState(rawValue: 4) } }
    /// `BPF_TCP_FIN_WAIT2`.
    public static var finWait2: TCPState { @inline(__always) get { TCPState(rawValue: 5) } }
    /// `BPF_TCP_TIME_WAIT`.
    public static var timeWait: TCPState { @inline(__always) get { TCPState(rawValue: 6) } }
    /// `BPF_TCP_CLOSE`.
    public static var closed: TCPState { @inline(__always) get { TCPState(rawValue: 7) } }
    /// `BPF_TCP_CLOSE_WAIT`.
    public static var closeWait: TCPState { @inline(__always) get { TCPState(rawValue: 8) } }
    /// `BPF_TCP_LAST_ACK`.
    public static var lastACK: TCPState { @inline(__always) get { TCPState(rawValue: 9) } }
    /// `BPF_TCP_LISTEN`.
    public static var listening: TCPState { @inline(__always) get { TCPState(rawValue: 10) } }
    /// `BPF_TCP_CLOSING`.
    public static var closing: TCPState { @inline(__always) get { TCPState(rawValue: 11) } }
}
