// SPDX-License-Identifier: Apache-2.0

public import Baton
import BatonShared
public import HTTP3
import NIOCore

extension QUICSample {
    /// A sample of an `HTTP3Server`, for a `SampleRecorder`.
    ///
    /// `HTTP3` knows nothing of BPF, and `Baton` nothing of HTTP; this joins the two. A server whose observer records
    /// each sample hands the congestion state of its QUIC connections over to TCP:
    ///
    /// ```swift
    /// let recorder = SampleRecorder(try Handover())
    /// let server = try HTTP3Server(
    ///     configuration: configuration, responder: responder,
    ///     observer: { sample in
    ///         guard let sample = QUICSample(sample) else { return }
    ///         do { try recorder.record(sample) } catch { logger.warning("saving a sample failed: \(error)") }
    ///     },
    ///     logger: logger, context: MyContext.init)
    /// ```
    ///
    /// A connection that was closed without an error becomes ``State/closed``: its record stays as it is. One that ended
    /// by an error or by its idle timeout becomes ``State/lost``: its record is marked as failed, and TCP may take over.
    ///
    /// - Returns: `nil` for a peer without an IP address.
    public init?(_ sample: TransportSample) {
        guard let endpoint = sample.remoteAddress.ipAddress.flatMap(RemoteEndpoint.init) else { return nil }
        func microseconds(_ nanoseconds: UInt64) -> UInt32 { UInt32(clamping: nanoseconds / 1000) }
        self.init(
            connection: sample.connection, endpoint: endpoint, cwndBytes: sample.congestionWindowBytes,
            ssthreshBytes: sample.slowStartThresholdBytes,
            carriedBytes: sample.carriedBytes, latestRTTMicroseconds: microseconds(sample.latestRTTNanoseconds),
            srttMicroseconds: microseconds(sample.smoothedRTTNanoseconds),
            minRTTMicroseconds: microseconds(sample.minimumRTTNanoseconds),
            lastHeardAtNanoseconds: sample.lastHeardNanoseconds, state: State(sample.state))
    }
}

extension QUICSample.State {
    fileprivate init(_ state: TransportSample.State) {
        switch state {
        case .live: self = .live
        case .silent: self = .silent
        case .closed(.normal): self = .closed
        case .closed(.error), .closed(.idleTimeout): self = .lost
        }
    }
}
