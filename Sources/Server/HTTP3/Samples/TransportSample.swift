// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The state of a QUIC connection's loss detection and congestion control (RFC 9002).
public struct RecoveryState: Sendable, Equatable {
    /// Congestion window, in bytes of UDP payload.
    public var congestionWindowBytes: UInt64
    /// Slow start threshold, in bytes; nil before the first loss.
    public var slowStartThresholdBytes: UInt64?
    /// The most recent round-trip time, in nanoseconds.
    public var latestRTTNanoseconds: UInt64
    /// Smoothed round-trip time (RFC 9002, section 5.3), in nanoseconds.
    public var smoothedRTTNanoseconds: UInt64
    /// Smallest round-trip time measured, acknowledgement delay included, in nanoseconds.
    public var minimumRTTNanoseconds: UInt64
    /// Bytes sent and neither acknowledged nor declared lost.
    public var bytesInFlight: UInt64

    /// A state with all its values.
    public init(
        congestionWindowBytes: UInt64, slowStartThresholdBytes: UInt64?, latestRTTNanoseconds: UInt64,
        smoothedRTTNanoseconds: UInt64, minimumRTTNanoseconds: UInt64, bytesInFlight: UInt64
    ) {
        self.congestionWindowBytes = congestionWindowBytes
        self.slowStartThresholdBytes = slowStartThresholdBytes
        self.latestRTTNanoseconds = latestRTTNanoseconds
        self.smoothedRTTNanoseconds = smoothedRTTNanoseconds
        self.minimumRTTNanoseconds = minimumRTTNanoseconds
        self.bytesInFlight = bytesInFlight
    }
}

/// What a QUIC connection knew about its path at one moment.
///
/// The values are the last valid ones. When the path goes silent they stay as they were before, and a window that
/// persistent congestion (RFC 9002, section 7.6) has reduced to its minimum is not reported.
@dynamicMemberLookup
public struct TransportSample: Sendable, Equatable {
    /// Identifies the connection; unique in this process and never reused.
    public var connection: UInt64
    /// The peer's present address and port; they change when the peer moves to another path.
    public var remoteAddress: SocketAddress
    /// Windows and round-trip times. Its members are read as if they were the sample's own.
    public var recovery: RecoveryState
    /// The most bytes of stream data that were acknowledged within one of the last three round-trip times; the
    /// bandwidth-delay product that the connection has reached, if that is more; 0 before the first round trip has
    /// passed.
    public var carriedBytes: UInt64
    /// When the last packet arrived that is proven to come from the peer: CLOCK_MONOTONIC, in nanoseconds.
    public var lastHeardNanoseconds: UInt64
    /// Whether the connection lives.
    public var state: State
    /// Why this sample was made.
    public var reason: Reason

    /// The states of a connection.
    public enum State: Sendable, Equatable {
        /// The peer answers.
        case live
        /// Data is in flight, and this many probe timeouts (RFC 9002, section 6.2), 2 or more, have passed in a row
        /// without a packet from the peer.
        case silent(probeTimeouts: Int)
        /// The connection has ended. No sample of it follows.
        case closed(CloseReason)
    }

    /// How a connection ended.
    public enum CloseReason: Sendable, Equatable {
        /// One side closed without an error.
        case normal
        /// One side reported an error, or the connection could not continue.
        case error
        /// Nothing was received for the idle timeout.
        case idleTimeout
    }

    /// The reasons for a sample.
    public enum Reason: Sendable, Equatable {
        /// The connection is active and its last sample is 100 ms old.
        case periodic
        /// A response was delivered and acknowledged in full. If the client closes first, there is only ``closed``.
        case responseEnded
        /// A probe timeout passed, the second in a row or later; or the peer is heard again after them.
        case silence
        /// The connection has ended.
        case closed
    }

    /// A sample with all its values.
    public init(
        connection: UInt64, remoteAddress: SocketAddress, recovery: RecoveryState, carriedBytes: UInt64,
        lastHeardNanoseconds: UInt64, state: State, reason: Reason
    ) {
        self.connection = connection
        self.remoteAddress = remoteAddress
        self.recovery = recovery
        self.carriedBytes = carriedBytes
        self.lastHeardNanoseconds = lastHeardNanoseconds
        self.state = state
        self.reason = reason
    }

    /// A member of ``recovery``.
    public subscript<Value>(dynamicMember member: KeyPath<RecoveryState, Value>) -> Value { recovery[keyPath: member] }
}
