// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a QUIC connection knew of its path at one moment.
///
/// The values are the last good ones: after the path went silent they stay as they were before, and a window that
/// persistent congestion (RFC 9002, section 7.6) has collapsed to its minimum is not reported.
public struct TransportSample: Sendable, Equatable {
    /// Unique in this process and never used again.
    public var connection: UInt64
    /// The peer's address and port as of now; it changes when the peer moves to another path.
    public var remoteAddress: SocketAddress
    /// Congestion window, in bytes of UDP payload.
    public var congestionWindowBytes: UInt64
    /// Slow start threshold in bytes; nil as long as the connection has lost nothing.
    public var slowStartThresholdBytes: UInt64?
    /// The most bytes of stream data that were acknowledged within one of the last three round-trip times, or the
    /// bandwidth-delay product that the connection has reached if that is more; 0 if no round trip has passed.
    public var carriedBytes: UInt64
    /// The most recent round-trip time, in nanoseconds.
    public var latestRTTNanoseconds: UInt64
    /// Smoothed round-trip time (RFC 9002, section 5.3), in nanoseconds.
    public var smoothedRTTNanoseconds: UInt64
    /// Smallest round-trip time seen, acknowledgement delay included, in nanoseconds.
    public var minimumRTTNanoseconds: UInt64
    /// Bytes sent and neither acknowledged nor declared lost.
    public var bytesInFlight: UInt64
    /// CLOCK_MONOTONIC, in nanoseconds, of the last packet that proved to come from the peer.
    public var lastHeardNanoseconds: UInt64
    /// What the connection is up to.
    public var state: State
    /// What gave rise to this sample.
    public var reason: Reason

    /// The life of a connection, as far as a successor must know it.
    public enum State: Sendable, Equatable {
        /// The peer answers.
        case live
        /// Data is in flight, nothing was heard, and this many probe timeouts (RFC 9002, section 6.2) have passed in a
        /// row; 2 at least.
        case silent(probeTimeouts: Int)
        /// It is over. No sample of this connection follows.
        case closed(CloseReason)
    }

    /// How a connection ended.
    public enum CloseReason: Sendable, Equatable {
        /// One side said that all was done.
        case normal
        /// One side reported an error, or the connection could not go on.
        case error
        /// Nothing was heard for as long as the idle timeout.
        case idleTimeout
    }

    /// The occasion of a sample.
    public enum Reason: Sendable, Equatable {
        /// The connection is at work and its last sample is 100 ms old.
        case periodic
        /// A response was delivered and acknowledged in full. A client that closes first leaves only ``closed``.
        case responseEnded
        /// A probe timeout passed, or the peer is heard again after some.
        case silence
        /// The connection has ended.
        case closed
    }

    /// A sample with all its values.
    public init(
        connection: UInt64, remoteAddress: SocketAddress, congestionWindowBytes: UInt64,
        slowStartThresholdBytes: UInt64?, carriedBytes: UInt64, latestRTTNanoseconds: UInt64,
        smoothedRTTNanoseconds: UInt64, minimumRTTNanoseconds: UInt64, bytesInFlight: UInt64,
        lastHeardNanoseconds: UInt64, state: State, reason: Reason
    ) {
        self.connection = connection
        self.remoteAddress = remoteAddress
        self.congestionWindowBytes = congestionWindowBytes
        self.slowStartThresholdBytes = slowStartThresholdBytes
        self.carriedBytes = carriedBytes
        self.latestRTTNanoseconds = latestRTTNanoseconds
        self.smoothedRTTNanoseconds = smoothedRTTNanoseconds
        self.minimumRTTNanoseconds = minimumRTTNanoseconds
        self.bytesInFlight = bytesInFlight
        self.lastHeardNanoseconds = lastHeardNanoseconds
        self.state = state
        self.reason = reason
    }
}
