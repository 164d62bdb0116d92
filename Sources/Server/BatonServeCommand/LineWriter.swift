// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Writes lines to a descriptor from a thread of its own, so that a reader that stops reading blocks nobody else.
///
/// At most `capacity` lines wait. A line that finds no room is dropped and counted; when there is room again, one line
/// says how many are missing.
final class LineWriter: Sendable {
    private struct State {
        var lines: [Data] = []
        /// Lines that were dropped since the last one that was queued.
        var dropped: UInt64 = 0
        /// Whether the thread is writing lines that it took out.
        var isWriting = false
        /// Set once: the reader is gone, and nothing is written any more.
        var isBroken = false
    }

    private let descriptor: Int32
    private let capacity: Int
    /// The line that says how many are missing.
    private let lossNotice: @Sendable (UInt64) -> Data
    private let state = Mutex(State())
    private let pending = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - descriptor: stays open for the writer's life.
    ///   - capacity: how many lines may wait, 1 or more.
    ///   - lossNotice: makes the line that reports dropped lines, without its line feed.
    init(descriptor: Int32, capacity: Int = 4096, lossNotice: @escaping @Sendable (UInt64) -> Data) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.lossNotice = lossNotice
        Thread.detachNewThread { [weak self, pending] in
            while true {
                pending.wait()
                guard let self else { return }
                self.writePending()
            }
        }
    }

    deinit { pending.signal() }

    /// Queues a line; never blocks.
    func write(_ line: Data) {
        let isQueued = state.withLock { state in
            if state.isBroken { return false }
            // A notice of loss takes a place too.
            guard state.lines.count + (state.dropped > 0 ? 2 : 1) <= capacity else {
                state.dropped += 1
                return false
            }
            if state.dropped > 0 { state.lines.append(lossNotice(state.dropped) + Data([0x0a])) }
            state.dropped = 0
            state.lines.append(line + Data([0x0a]))
            return true
        }
        if isQueued { pending.signal() }
    }

    /// How many lines were dropped and not yet reported.
    var dropped: UInt64 { state.withLock(\.dropped) }

    /// Waits until all is written that was queued, for a second at most: the reader may have stopped reading.
    func flush() {
        let end = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < end {
            if state.withLock({ $0.isBroken || ($0.lines.isEmpty && !$0.isWriting) }) { return }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private func writePending() {
        let bytes = state.withLock { state in
            defer { state.lines.removeAll(keepingCapacity: true) }
            state.isWriting = !state.lines.isEmpty
            return state.lines.reduce(into: Data()) { $0 += $1 }
        }
        guard !bytes.isEmpty else { return }
        let isBroken = !writeAll(bytes)
        state.withLock { state in
            state.isWriting = false
            state.isBroken = state.isBroken || isBroken
        }
    }

    private func writeAll(_ bytes: Data) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Foundation.poll(&poll, 1, -1)
                continue
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
