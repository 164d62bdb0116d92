// SPDX-License-Identifier: Apache-2.0

public import Baton
import BatonShared
public import HTTP3
import NIOCore

extension QUICSample {
    /// A sample of the HTTP/3 server `HTTP3`, for `SampleRecorder`.
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
