// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// What plain-client does from one address: a measured request, and the connections that follow.
struct CleartextMeasurement: ~Copyable {
    /// What is done from each address.
    struct Plan: Sendable {
        var server: SocketAddress
        var load: Load
        /// What the connection transfers repeatedly before it is measured; nil: nothing.
        var warmUp: Load?
        /// Connections after the measured one.
        var following: Int
        /// Time limit for connecting and for each request.
        var limit: TimeSpan
    }

    /// A connection is warm once a transfer takes between this factor and its reciprocal of the fastest one before: the
    /// window then neither grows nor recovers from the losses at the end of slow start.
    private static let warmShare = 0.97
    private static let mostWarmUps = 10

    private let plan: Plan
    private let local: SocketAddress?
    private var connection: CleartextConnection
    private var warmUps: [Double]?

    /// Prepares the first connection.
    ///
    /// - Parameter local: the address to connect from; nil lets the kernel choose.
    init(_ plan: Plan, from local: SocketAddress?) throws {
        self.plan = plan
        self.local = local
        connection = try CleartextConnection(to: plan.server, from: local, limit: plan.limit)
    }

    /// Connects and warms the connection up, if that is requested, before the measurement.
    mutating func prepare() throws {
        guard let warmUp = plan.warmUp else { return }
        try connection.connect()
        warmUps = try warm(with: warmUp)
    }

    /// Measures from connect(), or after a warm-up from the request.
    consuming func run() throws -> CleartextResult {
        if warmUps == nil { try connection.connect() }
        let begin = warmUps == nil ? connection.begin : MonotonicClock.now()
        let times = try connection.transfer(plan.load)
        let own = connection.localAddress
        var result = CleartextResult(
            address: own?.host ?? "", localPort: own?.port ?? 0,
            firstByteMilliseconds: Self.milliseconds(from: begin, to: times.first),
            lastByteMilliseconds: Self.milliseconds(from: begin, to: times.last), warmUpMilliseconds: warmUps)
        for _ in 0..<plan.following {
            // assigned, so that the previous connection is closed first
            connection = try CleartextConnection(to: plan.server, from: local, limit: plan.limit)
            try connection.connect()
            let last = try connection.transfer(plan.load).last
            result.followingMilliseconds.append(Self.milliseconds(from: connection.begin, to: last))
        }
        return result
    }

    /// Repeats the request until it is no faster.
    private mutating func warm(with load: Load) throws -> [Double] {
        var times: [Double] = []
        while times.count < Self.mostWarmUps {
            let begin = MonotonicClock.now()
            let time = Self.milliseconds(from: begin, to: try connection.transfer(load).last)
            let fastest = times.min()
            times.append(time)
            if let fastest, (Self.warmShare * fastest...fastest / Self.warmShare).contains(time) { break }
        }
        return times
    }

    private static func milliseconds(from begin: Int64, to end: Int64) -> Double {
        Double(end - begin) / 1e6
    }
}
