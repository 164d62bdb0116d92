// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// The body of a request on its way from the connection to the responder. It can be read once.
///
/// QUIC's flow control bounds what waits here: the window opens only by as much as the responder has taken.
final class InboundBody: Sendable, AsyncSequence {
    typealias Element = ByteBuffer

    private struct State {
        var buffer = ByteBuffer()
        var isEnded = false
        var failure: HTTP3StreamError?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
    }

    private let state = NIOLockedValueBox(State())
    private let consumed: @Sendable (Int) -> Void

    /// - Parameter consumed: is called with the number of bytes that were taken, on any thread.
    init(consumed: @escaping @Sendable (Int) -> Void) { self.consumed = consumed }

    struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        fileprivate let body: InboundBody
        func next() async throws -> ByteBuffer? { try await body.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }

    /// The client has sent more.
    func append(_ bytes: UnsafeRawBufferPointer) {
        let delivery = state.withLockedValue { state -> (CheckedContinuation<ByteBuffer?, any Error>, ByteBuffer)? in
            guard let reader = state.reader else {
                state.buffer.writeBytes(bytes)
                return nil
            }
            state.reader = nil
            return (reader, ByteBuffer(bytes: bytes))
        }
        guard let (reader, buffer) = delivery else { return }
        reader.resume(returning: buffer)
        consumed(buffer.readableBytes)
    }

    /// The client has sent all.
    func end() {
        let reader = state.withLockedValue { state in
            state.isEnded = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// Nothing more will come, although the body is incomplete. Returns how many bytes were not taken.
    @discardableResult
    func fail(_ error: HTTP3StreamError) -> Int {
        let (reader, unread) = state.withLockedValue { state in
            defer {
                state.reader = nil
                state.buffer = ByteBuffer()
            }
            if !state.isEnded, state.failure == nil { state.failure = error }
            return (state.reader, state.buffer.readableBytes)
        }
        reader?.resume(throwing: error)
        return unread
    }

    private func next() async throws -> ByteBuffer? {
        let chunk: ByteBuffer? = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<ByteBuffer?, any Error>? = state.withLockedValue { state in
                    if state.buffer.readableBytes > 0 {
                        defer { state.buffer = ByteBuffer() }
                        return .success(state.buffer)
                    }
                    if let failure = state.failure { return .failure(failure) }
                    if state.isEnded { return .success(nil) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    // A second reader must not replace the first one; for it the body is empty.
                    if state.reader != nil { return .success(nil) }
                    state.reader = continuation
                    return nil
                }
                guard let result else { return }
                if case .success(let buffer?) = result { consumed(buffer.readableBytes) }
                continuation.resume(with: result)
            }
        } onCancel: {
            let reader = state.withLockedValue { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(throwing: CancellationError())
        }
        return chunk
    }
}
