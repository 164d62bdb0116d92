// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A line of `plain-server` or `plain-client` that is not about one connection.
struct CleartextEvent: Codable {
    var schema = 1
    /// `ready`, `prepared`, `connecting`, `flowing`, `count` or `error`.
    var event: String
    /// ready: the port that the server listens on.
    var port: Int?
    /// count: bytes that the flow has received so far.
    var bytes: Int64?
    /// connecting, count: when, on CLOCK_MONOTONIC.
    var monotonicNanoseconds: Int64?
    /// error: what went wrong.
    var message: String?

    init(
        _ event: String, port: Int? = nil, bytes: Int64? = nil, monotonicNanoseconds: Int64? = nil,
        message: String? = nil
    ) {
        self.event = event
        self.port = port
        self.bytes = bytes
        self.monotonicNanoseconds = monotonicNanoseconds
        self.message = message
    }

    enum CodingKeys: String, CodingKey {
        case schema
        case event
        case port
        case bytes
        case monotonicNanoseconds = "monotonic_ns"
        case message
    }
}

/// A line of `plain-server` for an accepted connection, before anything is sent on it: the keys of `baton serve
/// --json`.
struct CleartextAccepted {
    let peer: SocketAddress
    let state: clinux_tcp_state

    /// Written without an encoder, whose first line takes more than a millisecond while the client waits. No value
    /// needs escaping.
    var json: String {
        let ssthresh = state.ssthresh.map { "\($0)" } ?? "null"
        return #"{"congestion_control":"\#(state.congestionControl)","cwnd_segments":\#(state.cwnd_segments),"#
            + #""event":"accepted","mss_bytes":\#(state.mss_bytes),"remote_address":"\#(peer.host)","#
            + #""remote_port":\#(peer.port),"rtt_us":\#(state.rtt_microseconds),"schema":1,"#
            + #""ssthresh_segments":\#(ssthresh)}"#
    }
}

/// A line of `plain-client` for one address: the times of its connections.
package struct CleartextResult: Codable, Equatable, Sendable {
    package var schema = 1
    /// `done`.
    package var event = "done"
    /// The client's address.
    package var address: String
    /// The client's port of the connection that was measured.
    package var localPort: Int
    /// From connect() to the first byte of the response (ms); after a warm-up from the request.
    package var firstByteMilliseconds: Double
    /// From connect() to the last byte of the response (ms); after a warm-up from the request.
    package var lastByteMilliseconds: Double
    /// From connect() to the last byte of each connection that followed (ms).
    package var followingMilliseconds: [Double] = []
    /// Each transfer of the warm-up, from the request to the last byte (ms); nil: there was none.
    package var warmUpMilliseconds: [Double]?

    enum CodingKeys: String, CodingKey {
        case schema
        case event
        case address
        case localPort = "local_port"
        case firstByteMilliseconds = "first_byte_ms"
        case lastByteMilliseconds = "last_byte_ms"
        case followingMilliseconds = "following_ms"
        case warmUpMilliseconds = "warm_up_ms"
    }
}
