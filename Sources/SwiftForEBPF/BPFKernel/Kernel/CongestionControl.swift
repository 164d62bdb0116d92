// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// How to write a congestion control (`struct tcp_congestion_ops`). Each function is a program in the section
/// `struct_ops/tcp_congestion_ops/NAME/MEMBER`. The kernel requires `ssthresh`, `undo_cwnd` and either `cong_avoid` or
/// `cong_control`; the others are optional.
///
/// | MEMBER | Swift function |
/// |---|---|
/// | `ssthresh` | `(TCPSocket) -> UInt32` |
/// | `cong_avoid` | `(TCPSocket, ack: UInt32, acked: UInt32) -> Void` |
/// | `set_state` | `(TCPSocket, CongestionState) -> Void` |
/// | `cwnd_event` | `(TCPSocket, CongestionEvent) -> Void` |
/// | `in_ack_event` | `(TCPSocket, AckFlags) -> Void` |
/// | `pkts_acked` | `(TCPSocket, KernelPointer<AckSample>) -> Void` |
/// | `min_tso_segs` | `(TCPSocket) -> UInt32` |
/// | `cong_control` | `(TCPSocket, ack: UInt32, flag: Int32, KernelPointer<RateSample>) -> Void`; before Linux 6.10 without the two numbers |
/// | `undo_cwnd` | `(TCPSocket) -> UInt32` |
/// | `sndbuf_expand` | `(TCPSocket) -> UInt32` |
/// | `init`, `release` | `(TCPSocket) -> Void` |
public enum CongestionControl {
    /// The size of `icsk_ca_priv`, the memory for a congestion control's own state, in bytes (`ICSK_CA_PRIV_SIZE`).
    public static var privateBytes: Int { @inline(__always) get { 104 } }
}

/// The state of loss recovery (`enum tcp_ca_state`).
public struct CongestionState: Equatable {
    /// The kernel's number.
    public let rawValue: UInt8

    /// `TCP_CA_Open`: no sign of loss.
    public static var open: CongestionState { @inline(__always) get { CongestionState(rawValue: 0) } }
    /// `TCP_CA_Disorder`: duplicate acknowledgements were received.
    public static var disorder: CongestionState { @inline(__always) get { CongestionState(rawValue: 1) } }
    /// `TCP_CA_CWR`: the window was reduced for ECN or a full local queue.
    public static var reduced: CongestionState { @inline(__always) get { CongestionState(rawValue: 2) } }
    /// `TCP_CA_Recovery`: segments are being retransmitted (fast recovery).
    public static var recovery: CongestionState { @inline(__always) get { CongestionState(rawValue: 3) } }
    /// `TCP_CA_Loss`: the retransmission timer expired.
    public static var loss: CongestionState { @inline(__always) get { CongestionState(rawValue: 4) } }
}

/// The event of `cwnd_event` (`enum tcp_ca_event`).
public struct CongestionEvent: Equatable {
    /// The kernel's number.
    public let rawValue: UInt32

    /// `CA_EVENT_TX_START`: the first transmission after nothing was in flight.
    public static var transmissionStart: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 0) } }
    /// `CA_EVENT_CWND_RESTART`: the window is restarted after an idle period.
    public static var windowRestart: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 1) } }
    /// `CA_EVENT_COMPLETE_CWR`: the window reduction is complete.
    public static var reductionComplete: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 2) } }
    /// `CA_EVENT_LOSS`: the retransmission timer expired.
    public static var loss: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 3) } }
    /// `CA_EVENT_ECN_NO_CE`: a packet with ECN was received without a CE mark.
    public static var ecnNotMarked: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 4) } }
    /// `CA_EVENT_ECN_IS_CE`: a packet with a CE mark was received.
    public static var ecnMarked: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 5) } }
}

/// The flags of `in_ack_event` (`enum tcp_ca_ack_event_flags`).
public struct AckFlags: OptionSet {
    /// The kernel's bits.
    public let rawValue: UInt32
    /// Makes flags from the kernel's bits.
    @inline(__always) public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `CA_ACK_SLOWPATH`: the acknowledgement is processed on the slow path.
    public static var slowPath: AckFlags { @inline(__always) get { AckFlags(rawValue: 1) } }
    /// `CA_ACK_WIN_UPDATE`: the acknowledgement updated the send window.
    public static var windowUpdate: AckFlags { @inline(__always) get { AckFlags(rawValue: 2) } }
    /// `CA_ACK_ECE`: the acknowledgement has the ECE bit set.
    public static var ecnEcho: AckFlags { @inline(__always) get { AckFlags(rawValue: 4) } }
}
