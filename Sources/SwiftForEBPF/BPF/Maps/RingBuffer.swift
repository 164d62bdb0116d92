// SPDX-License-Identifier: Apache-2.0

internal import CLibbpf
internal import Glibc
private import Synchronization

/// Records that programs send to user space: `BPF_MAP_TYPE_RINGBUF` (Linux 5.8).
///
/// Use one reader per ring buffer: a record that one reader takes isn't seen by another. When the buffer is full,
/// programs can't add records, and the kernel doesn't count these losses. A program can count them itself: its `output`
/// returns `false`.
public struct RingBuffer<Record: BitwiseCopyable & Sendable>: ~Copyable, Map {
    private let handle: MapHandle
    private let reader: RingBufferReader?

    /// The number of its file descriptor.
    public var fileDescriptor: Int32 { handle.descriptor.rawValue }

    /// Its size in bytes. A record takes 8 bytes more than its own size, rounded up to a multiple of 8.
    public var byteCount: Int { handle.maxEntries }

    /// Takes ownership of a descriptor.
    ///
    /// - Throws: `mismatch` if the map is of another type.
    public init(_ descriptor: consuming Descriptor, name: String) throws(BPFError) {
        let handle = try MapHandle(descriptor, name: name, types: [.ringBuffer], key: .init(), value: .init())
        let number = handle.descriptor.rawValue
        reader = number < 0 ? nil : try RingBufferReader(number, name: name, recordSize: MemoryLayout<Record>.size)
        self.handle = handle
    }

    /// The records as they arrive. The sequence ends when its task is cancelled. It remains usable after this value is
    /// gone.
    public var records: RingBufferRecords<Record> { RingBufferRecords(reader) }

    /// Takes all available records, in order. If there is none, it waits for the first one.
    ///
    /// - Parameter timeoutMilliseconds: the longest time to wait; 0: don't wait; -1: no limit.
    /// - Returns: the records; empty after the timeout, or if a signal interrupted the wait.
    public func read(timeoutMilliseconds: Int32) throws(BPFError) -> [Record] {
        guard let reader else {
            throw BPFError(
                .notFound, "reading the ring buffer '\(handle.name)'",
                reason: "it was left out when its object was loaded")
        }
        return try reader.read(Record.self, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// How many records were skipped because they were shorter than `Record`.
    public var unreadableRecordCount: Int { reader?.unreadableCount ?? 0 }
}

/// libbpf's reader of a ring buffer. Any number of threads may use it, and all sequences of its records share it.
final class RingBufferReader: Sendable {
    private struct State: @unchecked Sendable {
        // Sendable, because it is used only under the lock.
        var buffer: OpaquePointer
        var pending: RingBufferBytes
    }

    private let state: Mutex<State>
    /// Becomes readable when there are records.
    let pollDescriptor: Int32

    init(_ map: Int32, name: String, recordSize: Int) throws(BPFError) {
        let pending = RingBufferBytes(recordSize: recordSize)
        let (buffer, messages) = Libbpf.listen {
            ring_buffer__new(
                map,
                { context, data, size in
                    guard let context, let data else { return 0 }
                    Unmanaged<RingBufferBytes>.fromOpaque(context).takeUnretainedValue().add(data, size)
                    return 0
                }, Unmanaged.passUnretained(pending).toOpaque(), nil)
        }
        guard let buffer else {
            throw BPFError("opening the ring buffer '\(name)'", call: "mmap", errno: errno, log: messages)
        }
        pollDescriptor = ring_buffer__epoll_fd(buffer)
        state = Mutex(State(buffer: buffer, pending: pending))
    }

    deinit { state.withLock { ring_buffer__free($0.buffer) } }

    var unreadableCount: Int { state.withLock { $0.pending.unreadableCount } }

    /// Takes all available records. It waits without the lock, so that others can read meanwhile.
    func read<Record: BitwiseCopyable>(
        _ type: Record.Type, timeoutMilliseconds: Int32 = 0
    ) throws(BPFError) -> [Record] {
        let records = try take(type)
        if !records.isEmpty || timeoutMilliseconds == 0 { return records }
        var event = pollfd(fd: pollDescriptor, events: Int16(POLLIN), revents: 0)
        if poll(&event, 1, timeoutMilliseconds) < 0, errno != EINTR {
            throw BPFError("waiting for a ring buffer", call: "poll", errno: errno)
        }
        return try take(type)
    }

    private func take<Record: BitwiseCopyable>(_ type: Record.Type) throws(BPFError) -> [Record] {
        let (result, records) = state.withLock { state in
            // With poll and not consume: poll also clears the event that ended the wait.
            let result = ring_buffer__poll(state.buffer, 0)
            return (result, state.pending.take(type))
        }
        if result < 0, result != -EINTR { throw BPFError("reading a ring buffer", call: "epoll_wait", errno: result) }
        return records
    }
}

/// The records of one poll, as bytes. Not generic, because a C callback can't be.
private final class RingBufferBytes {
    private let recordSize: Int
    private var bytes: [UInt8] = []
    private(set) var unreadableCount = 0

    init(recordSize: Int) { self.recordSize = recordSize }

    func add(_ data: UnsafeMutableRawPointer, _ size: Int) {
        guard size >= recordSize else {
            unreadableCount += 1
            return
        }
        bytes += UnsafeRawBufferPointer(start: data, count: recordSize)
    }

    func take<Record: BitwiseCopyable>(_ type: Record.Type) -> [Record] {
        defer { bytes.removeAll(keepingCapacity: true) }
        guard recordSize > 0 else { return [] }
        return bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count, by: recordSize).map {
                buffer.loadUnaligned(fromByteOffset: $0, as: Record.self)
            }
        }
    }
}
