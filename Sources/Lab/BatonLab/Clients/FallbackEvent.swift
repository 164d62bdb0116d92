// SPDX-License-Identifier: Apache-2.0

/// A line of a client that falls back (Resources/curl_client.py, Resources/chromium_client.py). Times are on
/// CLOCK_MONOTONIC.
package struct FallbackEvent: Decodable {
    /// `learned`, `cut`, `gave_up`, `loaded`, `followed` or `error`.
    package var event: String
    /// error: what happened.
    package var message: String?
    /// One version for each response.
    package var httpVersions: [String]?
    package var clientPort: Int?
    package var pageLoadMilliseconds: Double?
    /// gave_up: when libcurl returned with the error.
    package var atNanoseconds: Int64?
    /// loaded: when libcurl last returned with an error before the request that succeeded; nil if it did not.
    package var gaveUpNanoseconds: Int64?
    /// When the request, or the navigation, started.
    package var startedNanoseconds: Int64?
    /// When connect() was called for its TCP connection; nil if it made none.
    package var connectNanoseconds: Int64?
    /// When the connection was established, TLS included.
    package var connectedNanoseconds: Int64?
    package var firstByteNanoseconds: Int64?
    package var lastByteNanoseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case event
        case message
        case httpVersions = "http_versions"
        case clientPort = "client_port"
        case pageLoadMilliseconds = "page_load_ms"
        case atNanoseconds = "at_ns"
        case gaveUpNanoseconds = "gave_up_ns"
        case startedNanoseconds = "started_ns"
        case connectNanoseconds = "connect_ns"
        case connectedNanoseconds = "connected_ns"
        case firstByteNanoseconds = "first_byte_ns"
        case lastByteNanoseconds = "last_byte_ns"
    }
}
