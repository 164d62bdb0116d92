// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore

/// The body of a response on its way from the responder, on any thread, to the connection, on its event loop.
///
/// The writer is suspended while more than a limit waits here, so that a body may be larger than memory.
final class OutboundBody: Sendable {
    private struct State {
        var buffers: [ByteBuffer] = []
        var waitingBytes = 0
        var isFinished = false
        var trailers: HTTPFields?
        var failure: HTTP3StreamError?
        var writer: CheckedContinuation<Void, any Error>?
        var hasWoken = false
    }

    /// What the connection takes at once.
    struct Taken {
        var buffers: [ByteBuffer]
        var isFinished: Bool
        var trailers: HTTPFields?
    }

    private let state = NIOLockedValueBox(State())
    private let limit: Int
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - limit: how many bytes may wait.
    ///   - wake: tells the connection that it can take something.
    init(limit: Int, wake: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.wake = wake
    }

    /// Adds bytes, and waits until there is room for more.
    func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        let (mustWake, mustWait) = try state.withLockedValue { state in
            if let failure = state.failure { throw failure }
            state.buffers.append(buffer)
            state.waitingBytes += buffer.readableBytes
            defer { state.hasWoken = true }
            return (!state.hasWoken, state.waitingBytes > limit)
        }
        if mustWake { wake() }
        guard mustWait else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLockedValue { state in
                    if let failure = state.failure { return .failure(failure) }
                    if state.waitingBytes <= limit { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.writer = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            fail(.cancelled)
        }
    }

    /// No more bytes will come.
    func finish(trailers: HTTPFields?) {
        let mustWake = state.withLockedValue { state in
            state.isFinished = true
            state.trailers = trailers
            defer { state.hasWoken = true }
            return !state.hasWoken
        }
        if mustWake { wake() }
    }

    var isFinished: Bool { state.withLockedValue { $0.isFinished } }

    /// Nobody takes bytes any more: present and future writes throw `error`.
    func fail(_ error: HTTP3StreamError) {
        let writer = state.withLockedValue { state in
            if state.failure == nil { state.failure = error }
            state.buffers = []
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume(throwing: error)
    }

    /// Takes what was written since the last call.
    func take() -> Taken {
        state.withLockedValue { state in
            defer { state.buffers = [] }
            state.hasWoken = false
            return Taken(buffers: state.buffers, isFinished: state.isFinished, trailers: state.trailers)
        }
    }

    /// The transport has got this many bytes.
    func passedOn(_ count: Int) {
        let writer = state.withLockedValue { state -> CheckedContinuation<Void, any Error>? in
            state.waitingBytes -= count
            guard state.waitingBytes <= limit / 2 else { return nil }
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume()
    }
}
