// SPDX-License-Identifier: Apache-2.0

public import BatonShared

/// The congestion state of one QUIC connection at one moment.
public struct QUICSample: Sendable, Equatable {
    /// What became of a connection.
    public enum State: Sendable, Equatable {
        /// The peer answers.
        case live
        /// The path went silent: probe timeouts, and nothing heard since.
        case silent
        /// Closed as either side wished.
        case closed
        /// Closed by an error or by its idle timeout.
        case lost
    }

    /// Tells this connection from all others of the process.
    public var connection: UInt64
    /// The peer's address.
    public var endpoint: RemoteEndpoint
    /// Congestion window.
    public var cwndBytes: UInt64
    /// `nil` if the connection never lost a packet.
    public var ssthreshBytes: UInt64?
    /// The most bytes that were acknowledged within one of the last round-trip times; 0: unknown.
    public var carriedBytes: UInt64
    /// The most recent round-trip time; 0: unknown.
    public var latestRTTMicroseconds: UInt32
    /// 0: unknown.
    public var srttMicroseconds: UInt32
    /// 0: unknown.
    public var minRTTMicroseconds: UInt32
    /// CLOCK_MONOTONIC, nanoseconds.
    public var lastHeardAtNanoseconds: UInt64
    /// Whether the connection lives.
    public var state: State

    /// All fields.
    public init(
        connection: UInt64, endpoint: RemoteEndpoint, cwndBytes: UInt64, ssthreshBytes: UInt64?,
        carriedBytes: UInt64 = 0, latestRTTMicroseconds: UInt32 = 0, srttMicroseconds: UInt32,
        minRTTMicroseconds: UInt32, lastHeardAtNanoseconds: UInt64, state: State
    ) {
        self.connection = connection
        self.endpoint = endpoint
        self.cwndBytes = cwndBytes
        self.ssthreshBytes = ssthreshBytes
        self.carriedBytes = carriedBytes
        self.latestRTTMicroseconds = latestRTTMicroseconds
        self.srttMicroseconds = srttMicroseconds
        self.minRTTMicroseconds = minRTTMicroseconds
        self.lastHeardAtNanoseconds = lastHeardAtNanoseconds
        self.state = state
    }
}

extension QUICSample {
    /// Whether the RTT shows that a queue has built up (RFC 9406 §4.2); `false` if an RTT is unknown.
    var isQueueing: Bool {
        latestRTTMicroseconds > 0 && minRTTMicroseconds > 0
            && BatonShared.isQueueing(latestRTTMicroseconds, smallest: minRTTMicroseconds)
    }
}
