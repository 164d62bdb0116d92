// SPDX-License-Identifier: Apache-2.0

public import BatonShared

/// The congestion state of one QUIC connection at one moment.
public struct QUICSample: Sendable, Equatable {
    /// Whether a connection works, or how it ended.
    public enum State: Sendable, Equatable {
        /// The peer answers.
        case live
        /// The path is silent: probe timeouts, and nothing heard since.
        case silent
        /// Closed by either side without an error.
        case closed
        /// Closed by an error or by its idle timeout.
        case lost
    }

    /// A number that identifies the connection among all of the process.
    public var connection: UInt64
    /// The peer's address.
    public var endpoint: RemoteEndpoint
    /// Congestion window.
    public var cwndBytes: UInt64
    /// Slow start threshold; `nil` if the connection never lost a packet.
    public var ssthreshBytes: UInt64?
    /// The most bytes that were acknowledged within one of the last round trips; 0: unknown.
    public var carriedBytes: UInt64
    /// The latest RTT sample; 0: unknown.
    public var latestRTTMicroseconds: UInt32
    /// Smoothed RTT; 0: unknown.
    public var srttMicroseconds: UInt32
    /// Minimum RTT; 0: unknown.
    public var minRTTMicroseconds: UInt32
    /// When the peer was last heard, CLOCK_MONOTONIC.
    public var lastHeardAtNanoseconds: UInt64
    /// Whether the connection works, or how it ended.
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
