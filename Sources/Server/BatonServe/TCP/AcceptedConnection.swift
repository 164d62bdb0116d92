// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The kernel's state of a TCP connection that was just accepted, before anything was sent on it.
public struct AcceptedConnection: Sendable, Equatable {
    /// Unique in this process.
    public var connection: UInt64
    /// The peer's address and port.
    public var remoteAddress: SocketAddress
    /// This side's address and port.
    public var localAddress: SocketAddress
    /// Congestion window, in segments.
    public var congestionWindowSegments: UInt32
    /// Slow start threshold, in segments; nil if it is infinite.
    public var slowStartThresholdSegments: UInt32?
    /// Maximum segment size for sending, in bytes of payload.
    public var maximumSegmentBytes: UInt32
    /// Smoothed round-trip time in microseconds, from the handshake.
    public var smoothedRTTMicroseconds: UInt32
    /// The congestion control, such as `cubic`.
    public var congestionControl: String
    /// Pacing rate in bytes per second; nil if it is unlimited.
    public var pacingBytesPerSecond: UInt64?
    /// Maximum pacing rate in bytes per second; nil if there is none.
    public var maximumPacingBytesPerSecond: UInt64?
}

/// The kernel's state of a TCP connection when it closes.
public struct ClosedConnection: Sendable, Equatable {
    /// The same as in ``AcceptedConnection/connection``.
    public var connection: UInt64
    /// The peer's address and port.
    public var remoteAddress: SocketAddress
    /// Last congestion window, in segments.
    public var congestionWindowSegments: UInt32
    /// Last slow start threshold, in segments; nil if it is infinite.
    public var slowStartThresholdSegments: UInt32?
    /// Retransmitted segments, in total.
    public var retransmittedSegments: UInt32
    /// Segments with payload sent, in total, including retransmissions.
    public var dataSegmentsSent: UInt32
    /// Bytes of payload sent, in total, including retransmissions.
    public var bytesSent: UInt64
    /// Bytes that the peer acknowledged.
    public var bytesAcknowledged: UInt64
    /// Smoothed round-trip time in microseconds.
    public var smoothedRTTMicroseconds: UInt32
    /// Whether the values were read at the end. If the peer reset the connection, the kernel had already closed the
    /// socket, and they are up to 100 ms old.
    public var isFinal: Bool
}

extension AcceptedConnection {
    init(_ connection: UInt64, remote: SocketAddress, local: SocketAddress, _ info: TCPInfo, control: String) {
        self.connection = connection
        remoteAddress = remote
        localAddress = local
        congestionWindowSegments = info.congestionWindow
        slowStartThresholdSegments = info.finiteSlowStartThreshold
        maximumSegmentBytes = info.sendMSS
        smoothedRTTMicroseconds = info.rtt
        congestionControl = control
        pacingBytesPerSecond = info.pacingRate == .max ? nil : info.pacingRate
        maximumPacingBytesPerSecond = info.maximumPacingRate == .max ? nil : info.maximumPacingRate
    }
}

extension ClosedConnection {
    init(_ connection: UInt64, remote: SocketAddress, _ info: TCPInfo, isFinal: Bool) {
        self.connection = connection
        remoteAddress = remote
        congestionWindowSegments = info.congestionWindow
        slowStartThresholdSegments = info.finiteSlowStartThreshold
        retransmittedSegments = info.totalRetransmitted
        dataSegmentsSent = info.dataSegmentsSent
        bytesSent = info.bytesSent
        bytesAcknowledged = info.bytesAcknowledged
        smoothedRTTMicroseconds = info.rtt
        self.isFinal = isFinal
    }
}

extension TCPInfo {
    /// nil for TCP_INFINITE_SSTHRESH.
    fileprivate var finiteSlowStartThreshold: UInt32? {
        slowStartThreshold >= 0x7fff_ffff ? nil : slowStartThreshold
    }
}
