// SPDX-License-Identifier: Apache-2.0

public import BPF
public import BatonShared
private import Synchronization

/// Turns samples of QUIC connections into records: the last good value of each, and whether its path went silent.
///
/// Windows below `--min-window`, or below four initial windows (RFC 9959 §3.1), are not saved: TCP gets there by itself.
/// It remembers `capacity` connections. Beyond that the connections that were sampled longest ago are forgotten: their
/// records stay, and their next sample begins a new generation.
public final class SampleRecorder: Sendable {
    /// RFC 9002 §7.2: ten datagrams of at least 1200 bytes.
    public static let initialWindowBytes: UInt64 = 10 * 1200
    /// How many connections are remembered unless the caller says otherwise.
    public static let defaultCapacity = 65_536

    private struct Connection {
        var generation: UInt64
        var record: SavedParameters
        var endpoint: RemoteEndpoint
        /// When it was sampled, in samples.
        var sampledAt: UInt64
    }

    private struct State {
        var connections: [UInt64: Connection] = [:]
        /// How many samples were saved.
        var sampleCount: UInt64 = 0
    }

    private let handover: Handover
    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - handover: what is attached; it is kept open.
    ///   - capacity: how many connections are remembered, 1 or more.
    public init(_ handover: Handover, capacity: Int = SampleRecorder.defaultCapacity) {
        self.handover = handover
        self.capacity = max(capacity, 1)
    }

    /// How many connections are remembered now.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

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

    /// Forgets the quarter of the connections that was sampled longest ago, so that a caller who never reports a close
    /// costs no more than `capacity`; a quarter at once, so that each new connection doesn't look through all.
    private func makeRoom(_ state: inout State) {
        guard state.connections.count >= capacity else { return }
        let excess = state.connections.count - capacity + max(capacity / 4, 1)
        for (number, _) in state.connections.sorted(by: { $0.value.sampledAt < $1.value.sampledAt }).prefix(excess) {
            state.connections[number] = nil
        }
    }

    /// What to save of a sample: its own values, but not slow start's overshoot (RFC 9959).
    ///
    /// In slow start the window doubles each round trip, also in the last one, which fills the queue until packets are
    /// lost: it may end at twice what the path holds, and after the first loss still be above it. The growing delay tells,
    /// as in HyStart++ (RFC 9406). Then a connection that never lost keeps what was saved before the queue began to grow,
    /// and another one at most what the path was seen to carry.
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

    /// The values stay as they were before the silence.
    private func markFailed(_ number: UInt64) throws(BPFError) -> SavedParameters? {
        try amend(number) { record in
            if record.hasFailed { return false }
            record.flags |= SavedParameters.failedFlag
            return true
        }
    }

    /// A connection whose window is too small to be saved is alive all the same: no TCP connection may take over from it.
    private func refresh(_ sample: QUICSample) throws(BPFError) -> SavedParameters? {
        try amend(sample.connection) { record in
            record.lastHeardAtNanoseconds = sample.lastHeardAtNanoseconds
            record.flags &= ~SavedParameters.failedFlag
            return true
        }
    }

    /// Changes the record of a connection, unless another connection wrote it meanwhile, or it was deleted.
    ///
    /// - Parameter change: returns whether there is something to write.
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
            state.connections[number] = connection
            return .success(connection.record)
        }
        .get()
    }

    private func forget(_ number: UInt64) {
        state.withLock { $0.connections[number] = nil }
    }
}
