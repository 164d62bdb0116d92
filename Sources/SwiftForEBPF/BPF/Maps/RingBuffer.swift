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
        guard let reader else { throw leftOut }
        return try reader.read(Record.self, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// The same for a buffer whose programs write records of several types (`output(copying:)`), each of which begins with
    /// a `Record`.
    ///
    /// - Parameters:
    ///   - timeoutMilliseconds: as above.
    ///   - decode: makes an element of a record's bytes; `nil`: the record is passed over. The pointer is valid during the
    ///     call only. Use `loadUnaligned`.
    /// - Returns: none after the time, or when a signal came.
    public func read<Element>(
        timeoutMilliseconds: Int32, decode: (UnsafeRawBufferPointer) -> Element?
    ) throws(BPFError) -> [Element] {
        guard let reader else { throw leftOut }
        return try reader.read(timeoutMilliseconds: timeoutMilliseconds, decode)
    }

    private var leftOut: BPFError {
        BPFError(
            .notFound, "reading the ring buffer '\(handle.name)'", reason: "it was left out when its object was loaded")
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
        try read(timeoutMilliseconds: timeoutMilliseconds) { $0.loadUnaligned(as: type) }
    }

    /// - Parameter timeoutMilliseconds: waits without the lock, so that others may read meanwhile.
    func read<Element>(
        timeoutMilliseconds: Int32, _ decode: (UnsafeRawBufferPointer) -> Element?
    ) throws(BPFError) -> [Element] {
        let records = try take(decode)
        if !records.isEmpty || timeoutMilliseconds == 0 { return records }
        var event = pollfd(fd: pollDescriptor, events: Int16(POLLIN), revents: 0)
        if poll(&event, 1, timeoutMilliseconds) < 0, errno != EINTR {
            throw BPFError("waiting for a ring buffer", call: "poll", errno: errno)
        }
        return try take(decode)
    }

    private func take<Element>(_ decode: (UnsafeRawBufferPointer) -> Element?) throws(BPFError) -> [Element] {
        let (result, bytes, sizes) = state.withLock { state in
            // Through poll rather than consume: it also takes back the event that woke us.
            let result = ring_buffer__poll(state.buffer, 0)
            let (bytes, sizes) = state.pending.take()
            return (result, bytes, sizes)
        }
        if result < 0, result != -EINTR { throw BPFError("reading a ring buffer", call: "epoll_wait", errno: result) }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            return sizes.compactMap { size in
                defer { offset += size }
                return decode(UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + size]))
            }
        }
    }
}

/// The records of one poll, as bytes. Not generic, because a C callback can't be.
private final class RingBufferBytes {
    /// Shorter records are passed over.
    private let recordSize: Int
    private var bytes: [UInt8] = []
    private var sizes: [Int] = []
    private(set) var unreadableCount = 0

    init(recordSize: Int) { self.recordSize = recordSize }

    func add(_ data: UnsafeMutableRawPointer, _ size: Int) {
        guard size >= recordSize else {
            unreadableCount += 1
            return
        }
        bytes += UnsafeRawBufferPointer(start: data, count: size)
        sizes.append(size)
    }

    func take() -> (bytes: [UInt8], sizes: [Int]) {
        defer {
            bytes.removeAll(keepingCapacity: true)
            sizes.removeAll(keepingCapacity: true)
        }
        return (bytes, sizes)
    }
}
