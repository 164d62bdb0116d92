// SPDX-License-Identifier: Apache-2.0

/// A line of a client that falls back (Resources/curl_client.py, Resources/chromium_client.py). Times are those of
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
    /// loaded: when libcurl returned with an error once more, before the request that brought it; nil if it never did.
    package var gaveUpNanoseconds: Int64?
    /// The request, or the navigation.
    package var startedNanoseconds: Int64?
    /// connect() of the TCP connection that was made for it; nil if none was.
    package var connectNanoseconds: Int64?
    /// The connection is established, TLS included.
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
