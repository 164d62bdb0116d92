// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared
private import Synchronization

/// A look at the congestion state of one QUIC connection.
public struct QUICSample: Sendable, Equatable {
    /// Whether the connection lives.
    public enum State: Sendable, Equatable {
        /// The peer answers.
        case live
        /// The path went silent: probe timeouts, and nothing heard since.
        case silent
        /// Closed as either side wished.
        case closed
        /// Closed by an error or by its idle timeout.
        case lost
    }

    /// Tells this connection from all others of the process.
    public var connection: UInt64
    /// The peer's address.
    public var endpoint: RemoteEndpoint
    /// Congestion window.
    public var cwndBytes: UInt64
    /// `nil` if the connection never lost a packet.
    public var ssthreshBytes: UInt64?
    /// The most bytes that were acknowledged within one of the last round-trip times; 0: unknown.
    public var carriedBytes: UInt64
    /// The most recent round-trip time; 0: unknown.
    public var latestRTTMicroseconds: UInt32
    /// 0: unknown.
    public var srttMicroseconds: UInt32
    /// 0: unknown.
    public var minRTTMicroseconds: UInt32
    /// CLOCK_MONOTONIC, nanoseconds.
    public var lastHeardAtNanoseconds: UInt64
    /// How it is with the connection.
    public var state: State

    /// All fields.
    public init(
        connection: UInt64, endpoint: RemoteEndpoint, cwndBytes: UInt64, ssthreshBytes: UInt64?,
        carriedBytes: UInt64 = 0, latestRTTMicroseconds: UInt32 = 0, srttMicroseconds: UInt32,
        minRTTMicroseconds: UInt32, lastHeardAtNanoseconds: UInt64, state: State
    ) {
        self.connection = connection
        self.endpoint = endpoint
        self.cwndBytes = cwndBytes
        self.ssthreshBytes = ssthreshBytes
        self.carriedBytes = carriedBytes
        self.latestRTTMicroseconds = latestRTTMicroseconds
        self.srttMicroseconds = srttMicroseconds
        self.minRTTMicroseconds = minRTTMicroseconds
        self.lastHeardAtNanoseconds = lastHeardAtNanoseconds
        self.state = state
    }
}

extension QUICSample {
    /// Whether the RTT shows that a queue has built up: more than an eighth above the minimum, and no less than 4 ms and
    /// no more than 16 ms (RFC 9406, section 4.2).
    fileprivate var isQueueing: Bool {
        guard latestRTTMicroseconds > 0, minRTTMicroseconds > 0 else { return false }
        let threshold = min(max(minRTTMicroseconds / 8, 4000), 16_000)
        return UInt64(latestRTTMicroseconds) >= UInt64(minRTTMicroseconds) + UInt64(threshold)
    }
}

/// Turns samples of QUIC connections into records: the last good value of each, and whether its path went silent.
public final class SampleRecorder: Sendable {
    /// Below four initial windows of ten datagrams of 1200 bytes nothing is saved (RFC 9959): TCP gets there by itself.
    public static let smallestWindowBytes: UInt64 = 4 * 10 * 1200

    private struct Connection {
        var generation: UInt64
        var record: SavedParameters
        var endpoint: RemoteEndpoint
    }

    private let handover: Handover
    private let connections = Mutex<[UInt64: Connection]>([:])

    /// - Parameter handover: what is attached; it is kept open.
    public init(_ handover: Handover) { self.handover = handover }

    /// Saves a sample if it is good, or marks what was saved before as failed if the path went silent.
    ///
    /// - Returns: what is saved for the endpoint now, or `nil` if the sample changed nothing.
    @discardableResult
    public func record(_ sample: QUICSample) throws(BPFError) -> SavedParameters? {
        switch sample.state {
        case .live: return try saveIfGood(sample)
        case .silent: return try markFailed(sample.connection)
        case .lost:
            let record = try markFailed(sample.connection)
            forget(sample.connection)
            return record
        case .closed:
            forget(sample.connection)
            return nil
        }
    }

    /// The map is written under the lock, so that of two samples of a connection the later one stays.
    private func saveIfGood(_ sample: QUICSample) throws(BPFError) -> SavedParameters? {
        guard sample.cwndBytes >= SampleRecorder.smallestWindowBytes else { return try refresh(sample) }
        let now = KernelClock.nowNanoseconds
        return try connections.withLock { connections -> Result<SavedParameters?, BPFError> in
            let generation = connections[sample.connection]?.generation ?? now
            let values = SampleRecorder.withoutOvershoot(sample, previous: connections[sample.connection]?.record)
            let record = SavedParameters(
                cwndBytes: values.cwnd, ssthreshBytes: values.ssthresh,
                savedAtNanoseconds: now, lastHeardAtNanoseconds: sample.lastHeardAtNanoseconds,
                lifetimeNanoseconds: 0, generation: generation, srttMicroseconds: sample.srttMicroseconds,
                minRTTMicroseconds: sample.minRTTMicroseconds, flags: 0)
            do throws(BPFError) { try handover.save(record, for: sample.endpoint) } catch { return .failure(error) }
            connections[sample.connection] = Connection(
                generation: generation, record: record, endpoint: sample.endpoint)
            return .success(record)
        }
        .get()
    }

    /// What to save of a sample: its own values, but not slow start's overshoot (RFC 9959).
    ///
    /// In slow start the window doubles each round trip, also in the last one, which fills the queue until packets are
    /// lost: it may end at twice what the path holds, and after the first loss still be above it. The growing delay tells,
    /// as in HyStart++ (RFC 9406). Then a connection that never lost keeps what was saved before the queue began to grow,
    /// and another one at most what the path was seen to carry.
    private static func withoutOvershoot(
        _ sample: QUICSample, previous: SavedParameters?
    ) -> (cwnd: UInt64, ssthresh: UInt64) {
        let ssthresh = sample.ssthreshBytes ?? SavedParameters.neverLost
        guard sample.isQueueing else { return (sample.cwndBytes, ssthresh) }
        if sample.ssthreshBytes == nil, let previous, previous.ssthreshBytes == SavedParameters.neverLost {
            return (min(sample.cwndBytes, previous.cwndBytes), ssthresh)
        }
        guard sample.carriedBytes >= smallestWindowBytes else { return (sample.cwndBytes, ssthresh) }
        return (
            min(sample.cwndBytes, sample.carriedBytes),
            sample.ssthreshBytes.map { min($0, sample.carriedBytes) } ?? ssthresh
        )
    }

    /// The values stay what they were before the silence.
    private func markFailed(_ number: UInt64) throws(BPFError) -> SavedParameters? {
        try amend(number) { record in
            if record.hasFailed { return false }
            record.flags |= SavedParameters.failedFlag
            return true
        }
    }

    /// A connection whose window is too small to be saved lives all the same: nobody may take over from it.
    private func refresh(_ sample: QUICSample) throws(BPFError) -> SavedParameters? {
        try amend(sample.connection) { record in
            record.lastHeardAtNanoseconds = sample.lastHeardAtNanoseconds
            record.flags &= ~SavedParameters.failedFlag
            return true
        }
    }

    /// Changes the record of a connection, unless another one wrote it meanwhile, or it was deleted.
    ///
    /// - Parameter change: answers whether there is something to write.
    private func amend(
        _ number: UInt64, _ change: (inout SavedParameters) -> Bool
    ) throws(BPFError) -> SavedParameters? {
        try connections.withLock { connections -> Result<SavedParameters?, BPFError> in
            guard var connection = connections[number] else { return .success(nil) }
            do throws(BPFError) {
                guard let present = try handover.saved.value(for: connection.endpoint),
                    present.generation == connection.generation, change(&connection.record)
                else { return .success(nil) }
                try handover.save(connection.record, for: connection.endpoint)
            } catch { return .failure(error) }
            connections[number] = connection
            return .success(connection.record)
        }
        .get()
    }

    private func forget(_ number: UInt64) {
        connections.withLock { connections in _ = connections.removeValue(forKey: number) }
    }
}
