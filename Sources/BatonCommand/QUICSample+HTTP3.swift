// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import Glibc
import HTTP3
import NIOCore

extension QUICSample {
    /// A sample of the HTTP/3 server, in the hand-over's terms.
    ///
    /// - Returns: `nil` for a peer without an IP address.
    init?(_ sample: TransportSample) {
        guard let endpoint = RemoteEndpoint(sample.remoteAddress) else { return nil }
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

extension RemoteEndpoint {
    fileprivate init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address):
            self.init(ipv4: address.address.sin_addr.s_addr)
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            self.init(bytes: bytes)
        case .unixDomainSocket:
            return nil
        }
    }
}
