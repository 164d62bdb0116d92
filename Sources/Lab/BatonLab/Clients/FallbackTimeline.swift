// SPDX-License-Identifier: Apache-2.0

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
