// SPDX-License-Identifier: Apache-2.0

import Baton
import BatonShared
import HTTP3
import HTTP3Handover
import NIOCore
import Testing

/// A sample of a live connection, with one value or another changed.
func transportSample(
    _ address: String = "192.0.2.7", ssthresh: UInt64? = 300_000, srtt: UInt64 = 100_000_999,
    state: TransportSample.State = .live
) throws -> TransportSample {
    TransportSample(
        connection: 7, remoteAddress: try SocketAddress(ipAddress: address, port: 50_000),
        recovery: RecoveryState(
            congestionWindowBytes: 400_000, slowStartThresholdBytes: ssthresh, latestRTTNanoseconds: 91_000_000,
            smoothedRTTNanoseconds: srtt, minimumRTTNanoseconds: 90_000_000, bytesInFlight: 1200),
        carriedBytes: 350_000, lastHeardNanoseconds: 123_456_789, state: state, reason: .periodic)
}

@Suite struct QUICSampleTests {
    @Test func `a sample keeps its values, with times in microseconds`() throws {
        let converted = try #require(QUICSample(try transportSample()))
        #expect(
            converted
                == QUICSample(
                    connection: 7, endpoint: try #require(RemoteEndpoint("192.0.2.7")), cwndBytes: 400_000,
                    ssthreshBytes: 300_000, carriedBytes: 350_000, latestRTTMicroseconds: 91_000,
                    srttMicroseconds: 100_000, minRTTMicroseconds: 90_000, lastHeardAtNanoseconds: 123_456_789,
                    state: .live))
    }

    @Test(arguments: [
        (TransportSample.State.live, QUICSample.State.live), (.silent(probeTimeouts: 2), .silent),
        (.closed(.normal), .closed), (.closed(.error), .lost), (.closed(.idleTimeout), .lost),
    ])
    func `the state says whether the connection lives`(state: TransportSample.State, meaning: QUICSample.State) throws {
        let converted = try #require(QUICSample(try transportSample("2001:db8::7", state: state)))
        #expect(converted.state == meaning)
        #expect(converted.endpoint == RemoteEndpoint("2001:db8::7"))
    }

    @Test func `an IPv4 client of a socket for both families keeps its IPv4 address`() throws {
        #expect(QUICSample(try transportSample("::ffff:192.0.2.7"))?.endpoint == RemoteEndpoint("192.0.2.7"))
    }

    @Test func `an infinite threshold stays unknown, and a time that is too large becomes the largest`() throws {
        let converted = try #require(QUICSample(try transportSample(ssthresh: nil, srtt: .max)))
        #expect(converted.ssthreshBytes == nil)
        #expect(converted.srttMicroseconds == .max)
    }

    @Test func `a peer without an IP address has no sample`() throws {
        var sample = try transportSample()
        sample.remoteAddress = try SocketAddress(unixDomainSocketPath: "/tmp/socket")
        #expect(QUICSample(sample) == nil)
    }
}
