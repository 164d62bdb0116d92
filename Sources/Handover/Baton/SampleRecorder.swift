// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared
private import Synchronization

/// Saves records from samples of QUIC connections: the last good values of each connection, marked as failed when its
/// path goes silent.
///
/// Windows below `--min-window`, by default four initial windows (RFC 9959 §3.1), aren't saved: TCP gets there by
/// itself. The recorder remembers `capacity` connections. Beyond that it forgets those that were sampled longest ago:
/// their records stay, and their next sample begins a new generation.
public final class SampleRecorder: Sendable {
    /// The initial window of QUIC: ten datagrams of at least 1200 bytes (RFC 9002 §7.2).
    public static let initialWindowBytes: UInt64 = 10 * 1200
    /// How many connections are remembered by default.
    public static let defaultCapacity = 65_536

    private struct Connection {
        var generation: UInt64
        var record: SavedParameters
        var endpoint: RemoteEndpoint
        /// The value of `sampleCount` when it was last sampled.
        var sampledAt: UInt64
    }

    private struct State {
        var connections: [UInt64: Connection] = [:]
        /// How many samples changed a record.
        var sampleCount: UInt64 = 0
    }

    private let handover: Handover
    private let capacity: Int
    private let state = Mutex(State())

    /// A recorder for an attached handover.
    ///
    /// - Parameters:
    ///   - handover: where records are saved; the recorder keeps it open.
    ///   - capacity: how many connections are remembered, at least 1.
    public init(_ handover: Handover, capacity: Int = SampleRecorder.defaultCapacity) {
        self.handover = handover
        self.capacity = max(capacity, 1)
    }

    /// How many connections are remembered now.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Saves a sample if its window is large enough, or marks the connection's record as failed if the path is silent
    /// or the connection was lost.
    ///
    /// - Returns: the endpoint's record after the change, or `nil` if the sample changed nothing.
    /// - Throws: the error of a map that can't be read or written.
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

    /// Writes the map under the lock, so that of two samples of a connection the later one stays.
    private func saveIfGood(_ sample: QUICSample) throws(BPFError) -> SavedParameters? {
        let smallest = try handover.smallestWindowBytes(initialWindowBytes: SampleRecorder.initialWindowBytes)
        guard sample.cwndBytes >= smallest else { return try refresh(sample) }
        let now = KernelClock.nowNanoseconds
        return try state.withLock { state -> Result<SavedParameters?, BPFError> in
            let known = state.connections[sample.connection]
            let generation = known?.generation ?? now
            let values = SampleRecorder.withoutOvershoot(sample, previous: known?.record, smallest: smallest)
            let record = SavedParameters(
                cwndBytes: values.cwnd, ssthreshBytes: values.ssthresh,
                savedAtNanoseconds: now, lastHeardAtNanoseconds: sample.lastHeardAtNanoseconds,
                lifetimeNanoseconds: 0, generation: generation, srttMicroseconds: sample.srttMicroseconds,
                minRTTMicroseconds: sample.minRTTMicroseconds, flags: 0)
            do throws(BPFError) { try handover.save(record, for: sample.endpoint) } catch { return .failure(error) }
            if known == nil { makeRoom(&state) }
            state.sampleCount += 1
            state.connections[sample.connection] = Connection(
                generation: generation, record: record, endpoint: sample.endpoint, sampledAt: state.sampleCount)
            return .success(record)
        }
        .get()
    }

    /// Forgets the quarter of the connections that were sampled longest ago. So a caller that never reports a close
    /// costs no more memory than `capacity` connections. A quarter at once, so that not every new connection sorts all
    /// of them.
    private func makeRoom(_ state: inout State) {
        guard state.connections.count >= capacity else { return }
        let excess = state.connections.count - capacity + max(capacity / 4, 1)
        for (number, _) in state.connections.sorted(by: { $0.value.sampledAt < $1.value.sampledAt }).prefix(excess) {
            state.connections[number] = nil
        }
    }

    /// The values of a sample that are saved: its own, without slow start's overshoot (RFC 9959).
    ///
    /// In slow start the window doubles each round trip, also in the last one, which fills the queue until packets are
    /// lost. So it may end at twice what the path holds, and still be above that after the first loss. The growing
    /// delay shows it, as in HyStart++ (RFC 9406). While the delay grows, a connection that never lost a packet keeps
    /// what was saved before, and any other connection saves at most what the path was seen to carry.
    private static func withoutOvershoot(
        _ sample: QUICSample, previous: SavedParameters?, smallest: UInt64
    ) -> (cwnd: UInt64, ssthresh: UInt64) {
        let ssthresh = sample.ssthreshBytes ?? SavedParameters.neverLost
        guard sample.isQueueing else { return (sample.cwndBytes, ssthresh) }
        if sample.ssthreshBytes == nil, let previous, previous.ssthreshBytes == SavedParameters.neverLost {
            return (min(sample.cwndBytes, previous.cwndBytes), ssthresh)
        }
        guard sample.carriedBytes >= smallest else { return (sample.cwndBytes, ssthresh) }
        return (
            min(sample.cwndBytes, sample.carriedBytes),
            sample.ssthreshBytes.map { min($0, sample.carriedBytes) } ?? ssthresh
        )
    }

    /// Marks the record as failed. Its values stay those from before the silence.
    private func markFailed(_ number: UInt64) throws(BPFError) -> SavedParameters? {
        try amend(number) { record in
            if record.hasFailed { return false }
            record.flags |= SavedParameters.failedFlag
            return true
        }
    }

    /// Updates when the peer was last heard. A connection whose window is too small to be saved is alive nevertheless,
    /// so no TCP connection may use its record.
    private func refresh(_ sample: QUICSample) throws(BPFError) -> SavedParameters? {
        try amend(sample.connection) { record in
            record.lastHeardAtNanoseconds = sample.lastHeardAtNanoseconds
            record.flags &= ~SavedParameters.failedFlag
            return true
        }
    }

    /// Changes the record of a connection, unless another connection has replaced it, or it was deleted.
    ///
    /// - Parameter change: changes the record, and returns whether it has to be written.
    private func amend(
        _ number: UInt64, _ change: (inout SavedParameters) -> Bool
    ) throws(BPFError) -> SavedParameters? {
        try state.withLock { state -> Result<SavedParameters?, BPFError> in
            guard var connection = state.connections[number] else { return .success(nil) }
            do throws(BPFError) {
                guard let present = try handover.saved.value(for: connection.endpoint),
                    present.generation == connection.generation, change(&connection.record)
                else { return .success(nil) }
                try handover.save(connection.record, for: connection.endpoint)
            } catch { return .failure(error) }
            state.sampleCount += 1
            connection.sampledAt = state.sampleCount
            state.connections[number] = connection
            return .success(connection.record)
        }
        .get()
    }

    private func forget(_ number: UInt64) {
        state.withLock { $0.connections[number] = nil }
    }
}
