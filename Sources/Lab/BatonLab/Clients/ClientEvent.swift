// SPDX-License-Identifier: Apache-2.0

/// A line of the demo's client (Resources/client.py), or of h3_sample.py.
struct ClientEvent: Decodable {
    /// `response`, `block_udp`, `gave_up`, `tcp_response` or `error`.
    var event: String
    var message: String?
    var error: String?
    var httpVersion: String?
    var bytes: Int64?
    /// response: duration of the whole request. gave_up: time from the last byte to the error.
    var milliseconds: Double?
    /// tcp_response: from the request to connect(), the head start that libcurl gives to HTTP/3.
    var requestToConnectMilliseconds: Double?
    /// tcp_response: from connect() to 100,000 bytes, 1,000,000 bytes, and the last byte.
    var milliseconds100KB: Double?
    var milliseconds1MB: Double?
    var millisecondsBody: Double?

    enum CodingKeys: String, CodingKey {
        case event
        case message
        case error
        case httpVersion = "http_version"
        case bytes
        case milliseconds = "ms"
        case requestToConnectMilliseconds = "ms_request_to_connect"
        case milliseconds100KB = "ms_100kb"
        case milliseconds1MB = "ms_1mb"
        case millisecondsBody = "ms_body"
    }
}
