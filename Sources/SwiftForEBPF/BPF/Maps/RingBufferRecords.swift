// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// The records of a ring buffer as they arrive: `for try await record in events.records { … }`.
///
/// It blocks no thread while it waits. It ends when the task is cancelled.
public struct RingBufferRecords<Record: BitwiseCopyable & Sendable>: AsyncSequence, Sendable {
    private let reader: RingBufferReader?

    init(_ reader: RingBufferReader?) { self.reader = reader }

    /// Starts reading. Two iterators of one buffer share its records: each record goes to one of them.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader) }

    /// Reads the records one at a time.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let reader: RingBufferReader?
        private var records: ArraySlice<Record> = []

        init(_ reader: RingBufferReader?) { self.reader = reader }

        /// The next record; `nil` once the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(BPFError) -> Record? {
            guard let reader else { return nil }
            while records.isEmpty {
                records = try reader.read(Record.self)[...]
                if !records.isEmpty { break }
                if Task.isCancelled { return nil }
                await readable(reader.pollDescriptor)
            }
            return records.removeFirst()
        }

        /// The next record; `nil` once the task is cancelled.
        public mutating func next() async throws(BPFError) -> Record? { try await next(isolation: nil) }
    }
}

/// Waits until a descriptor is readable, or the task is cancelled.
private func readable(_ descriptor: Int32) async {
    // Dispatch sources may be used from any thread.
    nonisolated(unsafe) let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
    await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            source.setEventHandler { source.cancel() }
            source.setCancelHandler { continuation.resume() }
            source.activate()
        }
    } onCancel: {
        source.cancel()
    }
}
