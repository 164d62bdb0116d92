// SPDX-License-Identifier: Apache-2.0

/// What one fallback cost a user, in milliseconds. Everything is told by one clock, CLOCK_MONOTONIC.
package struct FallbackTimes: Codable, Equatable {
    /// From connect() to the first byte of the response's body; of a page, of the response for the page itself.
    /// From the request where no TCP connection was made.
    package var firstByteMilliseconds: Double?
    /// From connect() to the last byte; of a page, of its last object. From the request where HTTP/3 carried any of it.
    package var lastByteMilliseconds: Double
    /// By the browser's own timing (`loadEventEnd` of PerformanceNavigationTiming): from the start of the navigation,
    /// and so with the time to detect that QUIC is dead.
    package var pageLoadMilliseconds: Double?
    /// From the moment at which the path broke to the last byte, without the time for which the client was held.
    package var breakToLastByteMilliseconds: Double
    /// The first part of it: until the client gave up on QUIC. nil, as the parts that follow, if HTTP/3 carried any.
    ///
    /// libcurl says so. Chromium is taken to have given up when it calls connect(): it does both at once.
    package var detectionMilliseconds: Double?
    /// The second part: until the TCP connection is established and TLS is done. With libcurl it begins with the head
    /// start that it gives to HTTP/3 once more.
    package var connectionMilliseconds: Double?
    /// The rest.
    package var transferMilliseconds: Double?
    /// Of each connection that followed: from connect() to the last byte. A page's runs from the start of the
    /// navigation, with which Chromium begins to connect.
    package var followingMilliseconds: [Double] = []
    /// Of the connection that carried the load; nil if Chromium held more than one open.
    package var clientPort: Int?
    /// Of each response of the load: `1.1`, `2`, `3`. A page comes first, then its objects.
    package var httpVersions: [String]
    /// Of each response before the cut, in the same way.
    package var httpVersionsBefore: [String]

    enum CodingKeys: String, CodingKey {
        case firstByteMilliseconds = "first_byte_ms"
        case lastByteMilliseconds = "last_byte_ms"
        case pageLoadMilliseconds = "page_load_ms"
        case breakToLastByteMilliseconds = "break_to_last_byte_ms"
        case detectionMilliseconds = "detection_ms"
        case connectionMilliseconds = "connection_ms"
        case transferMilliseconds = "transfer_ms"
        case followingMilliseconds = "following_ms"
        case clientPort = "client_port"
        case httpVersions = "http_versions"
        case httpVersionsBefore = "http_versions_before"
    }
}
