// SPDX-License-Identifier: Apache-2.0

import Dispatch
package import Foundation
import Synchronization

/// Writes lines to a descriptor on a thread of its own, so that a reader that stops reading blocks only this thread.
///
/// At most `capacity` lines wait for the thread. Further lines are dropped and counted; a line with their number takes
/// their place in the output.
package final class LineWriter: Sendable {
    /// How far the writing has come.
    package enum Progress: Sendable, Equatable {
        /// Everything is written.
        case done
        /// The descriptor takes no more at present; this many lines are not written, the dropped ones included.
        case stalled(lines: UInt64)
        /// A write failed with this error number. Nothing is written any more.
        case failed(errno: Int32)
    }

    private struct State {
        var lines: [Data] = []
        /// Lines that found no room. They all came after those in `lines`.
        var dropped: UInt64 = 0
        /// Lines that the thread has taken and is writing, with those that its notice of loss reports.
        var beingWritten: UInt64 = 0
        /// Set once, by the thread.
        var failure: Int32?
    }

    private let descriptor: Int32
    private let capacity: Int
    private let lossNotice: @Sendable (UInt64) -> Data
    private let onFailure: @Sendable (Int32) -> Void
    private let state = Mutex(State())
    /// Counts the lines that were queued, and tells the thread of this object's end.
    private let pending = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - descriptor: must stay open for the writer's life.
    ///   - capacity: how many lines may wait, 1 or more.
    ///   - lossNotice: makes the line that reports a number of dropped lines, without its line feed.
    ///   - onFailure: is called once, on the thread, with the error number of the write that failed.
    package init(
        descriptor: Int32, capacity: Int = 4096, lossNotice: @escaping @Sendable (UInt64) -> Data,
        onFailure: @escaping @Sendable (Int32) -> Void = { _ in }
    ) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.lossNotice = lossNotice
        self.onFailure = onFailure
        Thread.detachNewThread { [weak self, pending] in
            // A reader that has gone away is an error of write(2), not the end of the process.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            while true {
                pending.wait()
                guard let self else { return }
                self.writePending()
            }
        }
    }

    deinit { pending.signal() }

    /// Queues a line; never blocks.
    ///
    /// - Parameter line: without its line feed.
    package func write(_ line: Data) {
        let isQueued = state.withLock { state in
            if state.failure != nil { return false }
            guard state.lines.count < capacity else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            return true
        }
        if isQueued { pending.signal() }
    }

    /// Waits until everything is written, but not for a reader that doesn't read.
    ///
    /// - Parameter limit: how long it waits at most.
    @discardableResult
    package func flush(within limit: Duration = .seconds(1)) -> Progress {
        let deadline = ContinuousClock.now + limit
        while true {
            let progress = progress
            guard case .stalled = progress, ContinuousClock.now < deadline else { return progress }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private var progress: Progress {
        state.withLock { state in
            if let errno = state.failure { return .failed(errno: errno) }
            let count = UInt64(state.lines.count) + state.dropped + state.beingWritten
            return count == 0 ? .done : .stalled(lines: count)
        }
    }

    private func writePending() {
        let (lines, dropped) = state.withLock { state in
            defer {
                state.lines = []
                state.dropped = 0
            }
            state.beingWritten = UInt64(state.lines.count) + state.dropped
            return (state.lines, state.dropped)
        }
        guard !lines.isEmpty else { return }
        var bytes = Data()
        for line in lines + (dropped > 0 ? [lossNotice(dropped)] : []) {
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
        }
        let failure = writeAll(bytes)
        state.withLock { state in
            state.beingWritten = 0
            state.failure = failure
            if failure != nil { state.lines = [] }
        }
        if let failure { onFailure(failure) }
    }

    /// - Returns: the error number of a write that failed; nil if all was written.
    private func writeAll(_ bytes: Data) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: break
            case EAGAIN:
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Foundation.poll(&poll, 1, -1)
            case let failure: return failure
            }
        }
        return nil
    }
}
