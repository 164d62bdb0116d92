// SPDX-License-Identifier: Apache-2.0

/// The time that one fallback took, in milliseconds. All times are on one clock, CLOCK_MONOTONIC.
package struct FallbackTimes: Codable, Equatable {
    /// From connect() to the first byte of the response body; for a page, of the page's own response. From the request
    /// if no TCP connection was made.
    package var firstByteMilliseconds: Double?
    /// From connect() to the last byte; for a page, of its last object. From the request if HTTP/3 carried any of it.
    package var lastByteMilliseconds: Double
    /// By the browser's own timing (`loadEventEnd` of PerformanceNavigationTiming): from the start of the navigation,
    /// so it includes the time to detect that QUIC is dead.
    package var pageLoadMilliseconds: Double?
    /// From the moment the path broke to the last byte, without the time for which the lab paused the client.
    package var breakToLastByteMilliseconds: Double
    /// The first part: until the client gave up on QUIC. nil, as the next two parts, if HTTP/3 carried any of the load.
    ///
    /// libcurl reports it. Chromium counts as having given up when it calls connect(): it does both at once.
    package var detectionMilliseconds: Double?
    /// The second part: until the TCP connection is established and TLS is done. With libcurl it includes the head
    /// start that libcurl gives to HTTP/3 again.
    package var connectionMilliseconds: Double?
    /// The rest.
    package var transferMilliseconds: Double?
    /// For each connection that followed: from connect() to the last byte. For a page from the start of the navigation,
    /// which is when Chromium begins to connect.
    package var followingMilliseconds: [Double] = []
    /// The client's port of the connection that carried the load; nil if Chromium had more than one open.
    package var clientPort: Int?
    /// For each response of the load: `1.1`, `2`, `3`. A page comes first, then its objects.
    package var httpVersions: [String]
    /// The same for each response before the cut.
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

/// The moments of one fallback, from which its times are computed. CLOCK_MONOTONIC in nanoseconds.
package struct FallbackTimeline {
    /// When the path broke.
    package var brokeAt: Int64
    /// When libcurl first gave up on QUIC; nil for a client that doesn't report it.
    package var gaveUpAt: Int64?
    /// The lab paused the client from here until `resumedAt`: time that a user would not have waited.
    package var heldAt: Int64
    package var resumedAt: Int64

    package init(brokeAt: Int64, gaveUpAt: Int64?, heldAt: Int64, resumedAt: Int64) {
        self.brokeAt = brokeAt
        self.gaveUpAt = gaveUpAt
        self.heldAt = heldAt
        self.resumedAt = resumedAt
    }

    /// - Parameters:
    ///   - learned: the client's line about the time before the cut.
    ///   - loaded: its line about the load.
    ///   - followed: its lines about the connections that followed.
    /// - Throws: `LabError` if a line lacks a value.
    package func times(learned: FallbackEvent, loaded: FallbackEvent, followed: [FallbackEvent]) throws -> FallbackTimes
    {
        let last = try Self.require(loaded.lastByteNanoseconds, "its last byte")
        let versions = try Self.require(loaded.httpVersions, "its HTTP versions")
        let isOverTCP = !versions.contains("3")
        let connect = isOverTCP ? try Self.require(loaded.connectNanoseconds, "connect()") : nil
        let begin = try Self.require(connect ?? loaded.startedNanoseconds, "its start")
        var times = FallbackTimes(
            firstByteMilliseconds: loaded.firstByteNanoseconds.map { Self.milliseconds($0 - begin) },
            lastByteMilliseconds: Self.milliseconds(last - begin), pageLoadMilliseconds: loaded.pageLoadMilliseconds,
            breakToLastByteMilliseconds: sinceBreak(last), clientPort: loaded.clientPort, httpVersions: versions,
            httpVersionsBefore: try Self.require(learned.httpVersions, "its HTTP versions before the cut"))
        if let connect {
            let connected = sinceBreak(try Self.require(loaded.connectedNanoseconds, "the end of the handshake"))
            let gaveUp = sinceBreak(loaded.gaveUpNanoseconds ?? gaveUpAt ?? connect)
            times.detectionMilliseconds = gaveUp
            times.connectionMilliseconds = connected - gaveUp
            times.transferMilliseconds = sinceBreak(last) - connected
        }
        times.followingMilliseconds = try followed.map {
            let begin = try Self.require($0.connectNanoseconds ?? $0.startedNanoseconds, "the start of what followed")
            return Self.milliseconds(try Self.require($0.lastByteNanoseconds, "its last byte") - begin)
        }
        return times
    }

    /// From the break to a moment, as a user sees it (ms).
    private func sinceBreak(_ moment: Int64) -> Double {
        Self.milliseconds(moment - brokeAt - (moment >= resumedAt ? resumedAt - heldAt : 0))
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e6 }

    private static func require<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw LabError("the client did not report \(what)") }
        return value
    }
}
