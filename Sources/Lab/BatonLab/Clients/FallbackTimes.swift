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

/// The moments of one fallback, and what follows from them. CLOCK_MONOTONIC in nanoseconds.
package struct FallbackTimeline {
    /// The path broke.
    package var brokeAt: Int64
    /// libcurl gave up on QUIC for the first time; nil with a client that doesn't say so.
    package var gaveUpAt: Int64?
    /// The client was held from here until `resumedAt`: the lab's doing, which costs a user nothing.
    package var heldAt: Int64
    package var resumedAt: Int64

    package init(brokeAt: Int64, gaveUpAt: Int64?, heldAt: Int64, resumedAt: Int64) {
        self.brokeAt = brokeAt
        self.gaveUpAt = gaveUpAt
        self.heldAt = heldAt
        self.resumedAt = resumedAt
    }

    /// - Parameters:
    ///   - learned: the client's line about what came before the cut.
    ///   - loaded: its line about the load.
    ///   - followed: its lines about what followed.
    /// - Throws: `LabError` if a line lacks what it should say.
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
        guard let value else { throw LabError("the client did not say \(what)") }
        return value
    }
}
