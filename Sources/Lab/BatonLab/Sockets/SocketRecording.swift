// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PathEmulator
import Scenarios
import Synchronization

/// Asks a thread to end.
final class StopFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() {
        value.store(true, ordering: .relaxed)
    }
}

/// What a sampler's thread recorded.
struct SocketRecording: Sendable {
    /// A state that differs from its connection's previous one.
    struct Entry: Sendable {
        /// On CLOCK_MONOTONIC.
        var nanoseconds: Int64
        var state: clinux_tcp_state
    }

    /// Below the emulator's: the emulator must not wait for a sampler.
    private static let priority: Int32 = 10
    private static let gapNanoseconds: Int64 = 10_000_000

    private(set) var states: [Entry] = []
    private(set) var quality = SocketSampler.Quality()
    private var latest: [clinux_tcp_state.Peer: Int] = [:]

    private init() {
        // room for most runs, so that the thread seldom allocates
        states.reserveCapacity(8192)
        latest.reserveCapacity(256)
    }

    /// Reads states until it is asked to stop. Call it on a thread of its own, whose scheduling it changes.
    static func make(
        _ diagnosis: consuming SocketDiagnosis, every interval: TimeSpan, until stop: StopFlag
    ) -> SocketRecording {
        var recording = SocketRecording()
        // if the kernel refuses, the recorded gaps show it
        _ = RealTime.enter(priority: priority)
        withUnsafeTemporaryAllocation(of: clinux_tcp_state.self, capacity: TCPSockets.mostConnections) { room in
            let begin = MonotonicClock.now()
            var before: Int64?
            var next = begin
            while true {
                // one more reading after the request to stop, for the last state
                let isLast = stop.isSet
                let now = MonotonicClock.now()
                recording.noteGap(since: before, until: now)
                before = now
                if let count = try? diagnosis.read(into: room) {
                    // the states were read between the two times
                    recording.add(room[..<count], at: (now + MonotonicClock.now()) / 2)
                } else {
                    recording.quality.failures += 1
                }
                if isLast { break }
                // missed readings are not caught up on
                next = max(next + interval.nanoseconds, MonotonicClock.now())
                var wake = timespec(tv_sec: Int(next / 1_000_000_000), tv_nsec: Int(next % 1_000_000_000))
                clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nil)
            }
            recording.quality.elapsedNanoseconds = MonotonicClock.now() - begin
        }
        var used = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used)
        recording.quality.cpuNanoseconds = Int64(used.tv_sec) * 1_000_000_000 + Int64(used.tv_nsec)
        return recording
    }

    private mutating func noteGap(since before: Int64?, until now: Int64) {
        quality.readings += 1
        guard let before else { return }
        quality.longestGapNanoseconds = max(quality.longestGapNanoseconds, now - before)
        if now - before > Self.gapNanoseconds {
            quality.over10MillisecondsApart += 1
        }
    }

    private mutating func add(_ found: Slice<UnsafeMutableBufferPointer<clinux_tcp_state>>, at nanoseconds: Int64) {
        for state in found {
            let peer = state.peer
            if let index = latest[peer], states[index].state.equals(state) { continue }
            latest[peer] = states.count
            states.append(Entry(nanoseconds: nanoseconds, state: state))
        }
    }
}
