// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only

/// A congestion control's functions (`struct tcp_congestion_ops`), each a program of its own in the section
/// `struct_ops/tcp_congestion_ops/NAME/MEMBER`. The kernel asks for `ssthresh`, `undo_cwnd` and one of `cong_avoid` and
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
    /// How many bytes `icsk_ca_priv` has for a control's own state (`ICSK_CA_PRIV_SIZE`).
    public static var privateBytes: Int { @inline(__always) get { 104 } }
}

/// State of loss recovery (`enum tcp_ca_state`).
public struct CongestionState: Equatable {
    /// The number.
    public let rawValue: UInt8

    /// `TCP_CA_Open`: nothing wrong.
    public static var open: CongestionState { @inline(__always) get { CongestionState(rawValue: 0) } }
    /// `TCP_CA_Disorder`: duplicate acknowledgements came.
    public static var disorder: CongestionState { @inline(__always) get { CongestionState(rawValue: 1) } }
    /// `TCP_CA_CWR`: the window was reduced for ECN or a full local queue.
    public static var reduced: CongestionState { @inline(__always) get { CongestionState(rawValue: 2) } }
    /// `TCP_CA_Recovery`: segments are sent again.
    public static var recovery: CongestionState { @inline(__always) get { CongestionState(rawValue: 3) } }
    /// `TCP_CA_Loss`: the retransmission timer went off.
    public static var loss: CongestionState { @inline(__always) get { CongestionState(rawValue: 4) } }
}

/// What `cwnd_event` is told (`enum tcp_ca_event`).
public struct CongestionEvent: Equatable {
    /// The number.
    public let rawValue: UInt32

    /// `CA_EVENT_TX_START`: the first transmission when nothing is in flight.
    public static var transmissionStart: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 0) } }
    /// `CA_EVENT_CWND_RESTART`: the window begins anew after a pause.
    public static var windowRestart: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 1) } }
    /// `CA_EVENT_COMPLETE_CWR`: the reduction is over.
    public static var reductionComplete: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 2) } }
    /// `CA_EVENT_LOSS`: the retransmission timer went off.
    public static var loss: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 3) } }
    /// `CA_EVENT_ECN_NO_CE`: ECN is on, and this packet wasn't marked.
    public static var ecnNotMarked: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 4) } }
    /// `CA_EVENT_ECN_IS_CE`: this packet was marked.
    public static var ecnMarked: CongestionEvent { @inline(__always) get { CongestionEvent(rawValue: 5) } }
}

/// What `in_ack_event` is told (`enum tcp_ca_ack_event_flags`).
public struct AckFlags: OptionSet {
    /// The bits.
    public let rawValue: UInt32
    /// Flags from bits.
    @inline(__always) public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `CA_ACK_SLOWPATH`: in the slow path of acknowledgement processing.
    public static var slowPath: AckFlags { @inline(__always) get { AckFlags(rawValue: 1) } }
    /// `CA_ACK_WIN_UPDATE`: it updated the send window.
    public static var windowUpdate: AckFlags { @inline(__always) get { AckFlags(rawValue: 2) } }
    /// `CA_ACK_ECE`: with the ECE bit.
    public static var ecnEcho: AckFlags { @inline(__always) get { AckFlags(rawValue: 4) } }
}
